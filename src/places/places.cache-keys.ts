import type { PageRequest } from '../database/index.js';
import { PlaceDto } from './dto/place.dto.js';
import type { PlaceFilter } from './place-query.js';
import type { Place } from './place.entity.js';

/**
 * What is cached of places, and what makes it out of date. A value never depends on the caller.
 *
 * | write                          | changes                                 | evicts                       |
 * |--------------------------------|-----------------------------------------|------------------------------|
 * | create a place                 | place                                   | `everyList`                  |
 * | edit or delete a place         | place, its marks and reviews            | `onePlace`, `everyList`      |
 * | like a place, or no longer     | place_like, place.like_count            | `onePlace`                   |
 * | bookmark a place, or no longer | place_bookmark                          | nothing: never cached        |
 * | write, edit, delete a review   | review, place.review_count and rating   | `onePlace`, `listsByReviews` |
 * | places are ranked anew         | place.popularity                        | nothing: never cached        |
 * | a user withdraws               | marks, place.like_count, place.owner_id | `everyPlace`                 |
 */

/** How long after its time a value still answers while PostgreSQL is away. */
const staleIfError = '1h';

/** The entry of one place, by its id. Lists take their places from here, so an eviction shows in all of them. */
export const onePlace = { cache: 'place', key: (id: number) => id } as const;

export const keptPlace = { ...onePlace, staleIfError, answer: (place: Place) => PlaceDto.from(place) } as const;

export const everyPlace = { cache: 'place', allEntries: true } as const;

export const everyList = { cache: 'places', allEntries: true } as const;

/**
 * The entries of lists: ids by the query. The orders by likes and by popularity change too often to be kept, and free
 * text has no end of spellings; none of them is. All other keys are bounded: filters and sorts are fixed lists, and
 * cursors are signed.
 */
export const keptLists = {
  cache: 'places',
  key: (filter: PlaceFilter, page: PageRequest) => [filter, page],
  condition: ({ sort, words }: PlaceFilter) => sort !== 'likes' && sort !== 'popular' && words.length === 0,
  tags: ({ sort }: PlaceFilter) => (sort === 'latest' ? [] : [BY_REVIEWS]),
  staleIfError,
} as const;

const BY_REVIEWS = 'by-reviews';

/** The lists whose order reviews change. */
export const listsByReviews = { cache: 'places', tags: () => [BY_REVIEWS] } as const;

/** How many places there are by category or by district. */
export const keptCounts = {
  cache: 'places',
  key: (property: 'category' | 'district') => property,
  staleIfError,
} as const;
