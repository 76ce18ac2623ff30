import type { Category } from './catalogue/categories.js';
import type { DistrictName } from './catalogue/districts.js';
import type { Place } from './place.entity.js';

/** The property that each sort orders by, downwards. */
export const SORT_KEYS = {
  latest: 'createdAt',
  likes: 'likeCount',
  rating: 'rating',
  reviews: 'reviewCount',
  popular: 'popularity',
} as const satisfies Record<string, keyof Place>;

export type PlaceSort = keyof typeof SORT_KEYS;

export const PLACE_SORTS = Object.keys(SORT_KEYS) as PlaceSort[];

/** Which places, in which order. */
export interface PlaceFilter {
  readonly category: Category | null;
  readonly district: DistrictName | null;
  /** Words that must all occur, as they were typed: only PostgreSQL folds case, for words and texts alike. */
  readonly words: readonly string[];
  readonly sort: PlaceSort;
}

/** What a client may ask for, as the client spells it. */
export interface PlaceSearchInput {
  readonly category?: Category;
  readonly district?: DistrictName;
  readonly q?: string;
  readonly sort: PlaceSort;
}

/** The one spelling of wishes that mean the same. */
export function normalizeFilter({ category, district, q = '', sort }: PlaceSearchInput): PlaceFilter {
  const words = [...new Set(q.normalize('NFC').split(/\s+/).filter(Boolean))].sort();
  return { category: category ?? null, district: district ?? null, words, sort };
}
