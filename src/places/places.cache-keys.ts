import type { CacheCall } from '../cache/index.js';
import type { PageRequest } from '../common/index.js';
import type { Category } from './catalogue/categories.js';
import type { DistrictName } from './catalogue/districts.js';
import { PlaceDto } from './dto/place.dto.js';
import type { PlaceFilter } from './place-query.js';
import type { Place } from './place.entity.js';

/**
 * Caches of places, and the evictions of each write. Cached values never depend on the caller.
 *
 * | write                          | changes                                 | evicts                              |
 * |--------------------------------|-----------------------------------------|-------------------------------------|
 * | create a place                 | place                                   | `listsOfNew`                        |
 * | edit a place                   | place                                   | `placeEntryOf`, `listsOfEdited`     |
 * | delete a place                 | place, its marks and reviews            | `placeEntryOf`, `listsOfRemoved`    |
 * | like or unlike a place         | place_like, place.like_count            | `placeEntryIfChanged`               |
 * | bookmark, remove a bookmark    | place_bookmark                          | nothing: never cached               |
 * | add, rate or delete a review   | review, place.review_count and rating   | `placeEntryOf`, `listsByReviews`    |
 * | update the rankings            | place.popularity                        | nothing: never cached               |
 * | delete an account              | marks, place.like_count, place.owner_id | `placeEntry` of each affected place |
 *
 * A write that changes nothing evicts nothing, and no write evicts lists that contain the place neither before nor
 * after it.
 */

/** Time after its expiration during which a value may be served while PostgreSQL is unavailable. */
const staleIfError = '1h';

/** Cache entry of one place, by id. Lists read their places from these entries, so one eviction updates all lists. */
export const placeEntry = { cache: 'place', key: (id: number) => id } as const;

export const placeCache = { ...placeEntry, staleIfError, response: (place: Place) => PlaceDto.from(place) } as const;

/** The same entry, for methods that return whether they have changed the place. */
export const placeEntryIfChanged = {
  ...placeEntry,
  condition(this: CacheCall<boolean>) {
    return this.result;
  },
} as const;

/** The same entry, for methods whose first argument is the place. */
export const placeEntryOf = { cache: 'place', key: ({ id }: Place) => id } as const;

/**
 * Cache entries of lists: place ids by query. Not cached: sorts by likes and by popularity, which change too often, and
 * free-text searches, whose keys are unbounded. All other keys are bounded: filters and sorts are fixed lists, and
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

/** Cache entries of the number of places by category or by district. */
export const placeCountCache = {
  cache: 'places',
  key: (property: Property) => property,
  tags: (property: Property) => [countTag(property)],
  staleIfError,
} as const;

/** Properties by which lists are filtered and places are counted. */
type Property = 'category' | 'district';
type Classification = Pick<Place, Property>;

/** Lists and counts that include a new place. */
export const listsOfNew = {
  cache: 'places',
  tags: (_ownerId: string, place: Classification) => {
    return [...listTagsOf(place), countTag('category'), countTag('district')];
  },
} as const;

/** Lists and counts that included a deleted place. */
export const listsOfRemoved = { cache: 'places', tags: (place: Place) => listsOfNew.tags('', place) } as const;

/** Lists that an edited place leaves or enters, and the counts that change. */
export const listsOfEdited = {
  cache: 'places',
  condition: (before: Classification, changes: Partial<Classification>) => {
    return changedProperties(before, changes).length > 0;
  },
  tags: (before: Classification, changes: Partial<Classification>) => {
    const [left, entered] = [listTagsOf(before), listTagsOf({ ...before, ...changes })];
    const lists = [...left.filter((tag) => !entered.includes(tag)), ...entered.filter((tag) => !left.includes(tag))];
    return [...lists, ...changedProperties(before, changes).map(countTag)];
  },
} as const;

/** Lists with the place whose order depends on reviews. */
export const listsByReviews = { cache: 'places', tags: (place: Place) => listTagsOf(place).map(byReviews) } as const;

/** Tag of all lists with one filter, in any order. */
function listTag(category: Category | null, district: DistrictName | null): string {
  return `list:${category ?? '*'}:${district ?? '*'}`;
}

function listTagsOf({ category, district }: Classification): string[] {
  return [listTag(null, null), listTag(category, null), listTag(null, district), listTag(category, district)];
}

function byReviews(tag: string): string {
  return `by-reviews:${tag}`;
}

function countTag(property: Property): string {
  return `count:${property}`;
}

function changedProperties(before: Classification, changes: Partial<Classification>): Property[] {
  return (['category', 'district'] as const).filter((each) => (changes[each] ?? before[each]) !== before[each]);
}
