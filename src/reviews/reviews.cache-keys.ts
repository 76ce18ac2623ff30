import type { PageRequest } from '../database/index.js';
import type { ReviewSort } from './review-sorts.js';

/**
 * What is cached of reviews: pages of a place's reviews, each with the names of their authors. Single reviews and the
 * caller's own are read from the database; whether the caller likes a review is joined behind the cache.
 *
 * | write                         | changes                                     | evicts          |
 * |-------------------------------|---------------------------------------------|-----------------|
 * | write a review                | review; place, which evicts its own         | `pagesByPlaceId`  |
 * | edit or delete a review       | review; place, which evicts its own         | `pagesByPlaceIds` |
 * | like a review, or no longer   | review_like, review.like_count              | `pagesByPlaceIds` |
 * | delete a place                | review, review_like                         | `pagesByPlaceIds` |
 * | a user renames                | app_user                                    | `pagesByPlaceIds` |
 * | a user withdraws              | app_user, review.author_id, review_like     | `pagesByPlaceIds` |
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

/** For methods whose first argument is the place. */
export const pagesByPlaceId = { cache: 'reviews', tags: ofPlace } as const;

/** For methods that are given places. */
export const pagesByPlaceIds = {
  cache: 'reviews',
  condition: (placeIds: readonly number[]) => placeIds.length > 0,
  tags: (placeIds: readonly number[]) => placeIds.flatMap(ofPlace),
} as const;
