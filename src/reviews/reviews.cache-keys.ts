import type { CacheCall } from '../cache/index.js';
import type { PageRequest } from '../common/index.js';
import type { ReviewSort } from './review-sorts.js';
import type { Review } from './review.entity.js';
import type { LikeResult } from './reviews.repository.js';

/**
 * Caches of reviews, and the evictions of each write. Cached: pages of a place's reviews with the authors' nicknames.
 * Not cached: single reviews and the list of one author; the caller's likes are added after the cache.
 *
 * | write                   | changes                                    | evicts                  |
 * |-------------------------|--------------------------------------------|-------------------------|
 * | create a review         | review; place (evicted by `PlacesService`) | `pagesByPlaceId`        |
 * | edit or delete a review | review; place (evicted by `PlacesService`) | `pagesOfReview`         |
 * | like or unlike a review | review_like, review.like_count             | `pagesOfChangedLike`    |
 * | delete a place          | review, review_like                        | `pagesOfReturnedPlaces` |
 * | change a nickname       | app_user                                   | `pagesOfReturnedPlaces` |
 * | delete an account       | app_user, review.author_id, review_like    | `pagesOfReturnedPlaces` |
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

/** All pages of the place of a review; for methods whose first argument is the review. */
export const pagesOfReview = { cache: 'reviews', tags: ({ placeId }: Review) => ofPlace(placeId) } as const;

/** All pages of the place of a review whose likes have changed; for methods that return what changed. */
export const pagesOfChangedLike = {
  cache: 'reviews',
  condition(this: CacheCall<LikeResult>) {
    return this.result.isChanged;
  },
  tags(this: CacheCall<LikeResult>) {
    return ofPlace(this.result.placeId);
  },
} as const;

/** All pages of the places whose ids the method returns. */
export const pagesOfReturnedPlaces = {
  cache: 'reviews',
  condition(this: CacheCall<readonly number[]>) {
    return this.result.length > 0;
  },
  tags(this: CacheCall<readonly number[]>) {
    return this.result.flatMap(ofPlace);
  },
} as const;
