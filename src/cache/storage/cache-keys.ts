import { encodeKey } from '../keys/cache-key.js';
import type { Eviction } from './cache-storage.js';

// The braces delimit the name of the shard and make it the hash tag: all keys of a shard share one hash slot.
/** An entry: its value, the stamps it was stored under, and its response if it has one. */
export const entryKey = (shard: string, key: string) => `cache:{${shard}}:entry:${key}`;
/** Lease of an entry: the token of its holder, and the stamps that the fill is checked against. */
export const leaseKey = (shard: string, key: string) => `cache:{${shard}}:lease:${key}`;
/** Stamp of an entry while a put of it is in progress. */
export const putKey = (shard: string, key: string) => `cache:{${shard}}:put:${key}`;
/** Stamp of a tag; an eviction of the tag deletes it. */
export const tagKey = (shard: string, tag: string) => `cache:{${shard}}:tag:${encodeKey(tag)}`;
/** Tag, as encoded by `encodeKey`, whose stamp has this key. */
export const encodedTagOf = (shard: string, key: string) => key.slice(`cache:{${shard}}:tag:`.length);
/** Stamp of all entries in the shard; an eviction of all entries deletes it. */
export const allKey = (shard: string) => `cache:{${shard}}:all`;
/** Stamp that every eviction and put in the shard deletes, for loads whose key or tags depend on the result. */
export const writesKey = (shard: string) => `cache:{${shard}}:writes`;

/** Guards of a load; see `lease-scripts.ts`. */
export function guardKeys(shard: string, tags: readonly string[] | undefined): string[] {
  return [allKey(shard), ...otherGuardKeys(shard, tags)];
}

/** Guards of a load, except the one that all loads of the shard have in common. */
export function otherGuardKeys(shard: string, tags: readonly string[] | undefined): string[] {
  return tags?.map((tag) => tagKey(shard, tag)) ?? [writesKey(shard)];
}

/** Guards of a put. */
export function putGuards(shard: string, key: string | undefined, tags: readonly string[] | undefined): string[] {
  return key === undefined ? guardKeys(shard, undefined) : [putKey(shard, key), ...guardKeys(shard, tags)];
}

/** Keys that an eviction removes from a shard. */
export function evictedKeys(shard: string, eviction: Eviction): string[] {
  if ('tags' in eviction) return [...eviction.tags.map((tag) => tagKey(shard, tag)), writesKey(shard)];
  if ('all' in eviction) return [allKey(shard), writesKey(shard)];
  const { key } = eviction;
  return [entryKey(shard, key), leaseKey(shard, key), putKey(shard, key), writesKey(shard)];
}

/** Groups keys by shard. */
export function groupByShard(keys: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const shard = key.slice(0, key.indexOf('}'));
    const group = groups.get(shard);
    if (group === undefined) groups.set(shard, [key]);
    else group.push(key);
  }
  return [...groups.values()];
}

/**
 * Keys in an order in which they can be removed one by one: first those that allow a running load or put to be stored,
 * then those of stored data. In the opposite order an old value could be stored between the two.
 */
export function removalSteps(keys: readonly string[]): readonly [string[], string[]] {
  const guardsOnly = /^(lease:|put:|writes$)/;
  const isFirst = (key: string) => guardsOnly.test(key.slice(key.indexOf('}:') + '}:'.length));
  return [keys.filter(isFirst), keys.filter((key) => !isFirst(key))];
}
