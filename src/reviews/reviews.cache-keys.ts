import type { CacheCall } from '../cache/index.js';
import type { PageRequest } from '../database/index.js';
import type { ReviewSort } from './review-sorts.js';

/**
 * What is cached of reviews: pages of a place's reviews, each with the names of their authors. Single reviews and the
 * caller's own are read from the database; whether the caller likes a review is joined behind the cache.
 *
 * | write                         | changes                                     | evicts                |
 * |-------------------------------|---------------------------------------------|-----------------------|
 * | write a review                | review; place, which evicts its own         | `pagesOfPlace`        |
 * | edit or delete a review       | review; place, which evicts its own         | `pagesOfItsPlace`     |
 * | like a review, or no longer   | review_like, review.like_count              | `pagesOfItsPlace`     |
 * | delete a place                | review, review_like                         | `pagesOfRemovedPlace` |
 * | a user renames or withdraws   | app_user, review.author_id, review_like     | `everyPage`           |
 */

const ofPlace = (placeId: number) => [`place:${placeId}`];

export const keptPage = {
  cache: 'reviews',
  key: (placeId: number, sort: ReviewSort, page: PageRequest) => [placeId, sort, page],
  tags: ofPlace,
  staleIfError: '1h',
} as const;

/** For methods whose first argument is the place. */
export const pagesOfPlace = { cache: 'reviews', tags: ofPlace } as const;

/** For methods that give what belongs to a place. */
export const pagesOfItsPlace = {
  cache: 'reviews',
  tags(this: CacheCall<{ readonly placeId: number }>) {
    return ofPlace(this.result.placeId);
  },
} as const;

/** For listeners of `PlaceRemoved`. */
export const pagesOfRemovedPlace = {
  cache: 'reviews',
  tags: ({ placeId }: { readonly placeId: number }) => ofPlace(placeId),
} as const;

export const everyPage = { cache: 'reviews', allEntries: true } as const;
