import type { PageRequest } from '../database/index.js';
import type { Category } from './catalogue/categories.js';
import type { DistrictName } from './catalogue/districts.js';
import { PlaceDto } from './dto/place.dto.js';
import type { PlaceFilter } from './place-query.js';
import type { Place } from './place.entity.js';

/**
 * What is cached of places, and what makes it out of date. A value never depends on the caller.
 *
 * | write                          | changes                                 | evicts                          |
 * |--------------------------------|-----------------------------------------|---------------------------------|
 * | create a place                 | place                                   | `listsOfNew`                    |
 * | edit a place                   | place                                   | `lockedPlace`, `listsOfEdited`  |
 * | delete a place                 | place, its marks and reviews            | `lockedPlace`, `listsOfRemoved` |
 * | like a place, or no longer     | place_like, place.like_count            | `onePlace`                      |
 * | bookmark a place, or no longer | place_bookmark                          | nothing: never cached           |
 * | add, rate or delete a review   | review, place.review_count and rating   | `lockedPlace`, `listsByReviews` |
 * | places are ranked anew         | place.popularity                        | nothing: never cached           |
 * | a user withdraws               | marks, place.like_count, place.owner_id | `onePlace` of each that changes |
 *
 * A write that changes nothing evicts nothing, and none evicts lists in which the place is neither before nor after it.
 */

/** How long after its time a value still answers while PostgreSQL is away. */
const staleIfError = '1h';

/** The entry of one place, by its id. Lists take their places from here, so an eviction shows in all of them. */
export const placeEntry = { cache: 'place', key: (id: number) => id } as const;

export const placeCache = { ...placeEntry, staleIfError, answer: (place: Place) => PlaceDto.from(place) } as const;

/** The same entry, for methods that are given the place. */
export const placeEntryOf = { cache: 'place', key: ({ id }: Place) => id } as const;

/**
 * The entries of lists: ids by the query. The orders by likes and by popularity change too often to be kept, and free
 * text has no end of spellings; none of them is. All other keys are bounded: filters and sorts are fixed lists, and
 * cursors are signed.
 */
export const placeListCache = {
  cache: 'places',
  key: (filter: PlaceFilter, page: PageRequest) => [filter, page],
  condition: ({ sort, words }: PlaceFilter) => sort !== 'likes' && sort !== 'popular' && words.length === 0,
  tags: ({ sort, category, district }: PlaceFilter) => {
    const tag = listTag(category, district);
    return sort === 'latest' ? [tag] : [tag, byReviews(tag)];
  },
  staleIfError,
} as const;

/** How many places there are by category or by district. */
export const placeCountCache = {
  cache: 'places',
  key: (property: Property) => property,
  tags: (property: Property) => [countTag(property)],
  staleIfError,
} as const;

/** By which lists are filtered and places are counted. */
type Property = 'category' | 'district';
type Kind = Pick<Place, Property>;

/** The lists and counts a new place is in. */
export const listsOfNew = {
  cache: 'places',
  tags: (_ownerId: string, fields: Kind) => [...listTagsOf(fields), countTag('category'), countTag('district')],
} as const;

/** The lists and counts a deleted place was in. */
export const listsOfRemoved = { cache: 'places', tags: (place: Place) => listsOfNew.tags('', place) } as const;

/** The lists an edited place leaves or enters, and the counts that change. */
export const listsOfEdited = {
  cache: 'places',
  condition: (before: Kind, changes: Partial<Kind>) => changedProperties(before, changes).length > 0,
  tags: (before: Kind, changes: Partial<Kind>) => {
    const [left, entered] = [listTagsOf(before), listTagsOf({ ...before, ...changes })];
    const lists = [...left.filter((tag) => !entered.includes(tag)), ...entered.filter((tag) => !left.includes(tag))];
    return [...lists, ...changedProperties(before, changes).map(countTag)];
  },
} as const;

/** The lists of a place whose order reviews change. */
export const listsByReviews = { cache: 'places', tags: (place: Place) => listTagsOf(place).map(byReviews) } as const;

/** Tag of all lists with one filter, whatever their order. */
function listTag(category: Category | null, district: DistrictName | null): string {
  return `list:${category ?? '*'}:${district ?? '*'}`;
}

function listTagsOf({ category, district }: Kind): string[] {
  return [listTag(null, null), listTag(category, null), listTag(null, district), listTag(category, district)];
}

function byReviews(tag: string): string {
  return `by-reviews:${tag}`;
}

function countTag(property: Property): string {
  return `count:${property}`;
}

function changedProperties(before: Kind, changes: Partial<Kind>): Property[] {
  return (['category', 'district'] as const).filter((each) => (changes[each] ?? before[each]) !== before[each]);
}
