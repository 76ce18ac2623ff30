import type { Review } from './review.entity.js';

/** Sort property of each sort option; descending. */
export const SORT_KEYS = {
  latest: 'createdAt',
  likes: 'likeCount',
  rating: 'rating',
} as const satisfies Record<string, keyof Review>;

export type ReviewSort = keyof typeof SORT_KEYS;

export const REVIEW_SORTS = Object.keys(SORT_KEYS) as ReviewSort[];
