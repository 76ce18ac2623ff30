import type { Category } from './catalogue/categories.js';
import type { DistrictName } from './catalogue/districts.js';
import type { Place } from './place.entity.js';

/** Sort property of each sort option; descending. */
export const SORT_KEYS = {
  latest: 'createdAt',
  likes: 'likeCount',
  rating: 'rating',
  reviews: 'reviewCount',
  popular: 'popularity',
} as const satisfies Record<string, keyof Place>;

export type PlaceSort = keyof typeof SORT_KEYS;

export const PLACE_SORTS = Object.keys(SORT_KEYS) as PlaceSort[];

/** Normalized filter and sort order of a place list. */
export interface PlaceFilter {
  readonly category: Category | null;
  readonly district: DistrictName | null;
  /** Search words, all required. Case is left unchanged: PostgreSQL folds it, for words and texts alike. */
  readonly words: readonly string[];
  readonly sort: PlaceSort;
}

/** Filter and sort parameters as sent by the client. */
export interface PlaceSearchInput {
  readonly category?: Category;
  readonly district?: DistrictName;
  readonly q?: string;
  readonly sort: PlaceSort;
}

/** Normalizes the parameters: equivalent input gives equal filters, and so the same cache key and cursor. */
export function normalizeFilter({ category, district, q = '', sort }: PlaceSearchInput): PlaceFilter {
  const words = [...new Set(q.normalize('NFC').split(/\s+/).filter(Boolean))].sort();
  return { category: category ?? null, district: district ?? null, words, sort };
}
