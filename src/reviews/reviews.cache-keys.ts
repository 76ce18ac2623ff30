import type { PageRequest } from '../database/index.js';
import type { ReviewSort } from './review-sorts.js';

/**
 * Caches of reviews, and the evictions of each write. Cached: pages of a place's reviews with the authors' nicknames.
 * Not cached: single reviews and the list of one author; the caller's likes are added after the cache.
 *
 * | write                   | changes                                            | evicts            |
 * |-------------------------|----------------------------------------------------|-------------------|
 * | create a review         | review; place (evicted by `PlacesService`)         | `pagesByPlaceId`  |
 * | edit or delete a review | review; place (evicted by `PlacesService`)         | `pagesByPlaceIds` |
 * | like or unlike a review | review_like, review.like_count                     | `pagesByPlaceIds` |
 * | delete a place          | review, review_like                                | `pagesByPlaceIds` |
 * | change a nickname       | app_user                                           | `pagesByPlaceIds` |
 * | delete an account       | app_user, review.author_id, review_like            | `pagesByPlaceIds` |
 *
 * A write that changes nothing evicts nothing.
 */

const ofPlace = (placeId: number) => [`place:${placeId}`];

export const reviewPageCache = {
  cache: 'reviews',
  key: (placeId: number, sort: ReviewSort, page: PageRequest) => [placeId, sort, page],
  tags: ofPlace,
  staleIfError: '1h',
} as const;

/** All pages of one place; for methods whose first argument is the place id. */
export const pagesByPlaceId = { cache: 'reviews', tags: ofPlace } as const;

/** All pages of several places; for methods whose first argument is a list of place ids. */
export const pagesByPlaceIds = {
  cache: 'reviews',
  condition: (placeIds: readonly number[]) => placeIds.length > 0,
  tags: (placeIds: readonly number[]) => placeIds.flatMap(ofPlace),
} as const;
