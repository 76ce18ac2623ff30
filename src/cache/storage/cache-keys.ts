import { encodeKey } from '../keys/cache-key.js';
import type { Eviction } from './cache-storage.js';

// The shard's name stands in braces: it ends where the brace does, and all its keys share one hash slot.
/** An entry: its value, the stamps it was kept under, and its answer if it has one. */
export const entryKey = (shard: string, key: string) => `cache:{${shard}}:entry:${key}`;
/** The lease of an entry: who may fill it, and the stamps the fill is judged by. */
export const leaseKey = (shard: string, key: string) => `cache:{${shard}}:lease:${key}`;
/** The stamp of an entry for as long as a put of it is under way. */
export const putKey = (shard: string, key: string) => `cache:{${shard}}:put:${key}`;
/** The stamp of a tag; an evict of the tag deletes it. */
export const tagKey = (shard: string, tag: string) => `cache:{${shard}}:tag:${encodeKey(tag)}`;
/** The tag, as `encodeKey` writes it, whose stamp has this key. */
export const encodedTagOf = (shard: string, key: string) => key.slice(`cache:{${shard}}:tag:`.length);
/** The stamp of everything in the shard; an evict of all deletes it. */
export const allKey = (shard: string) => `cache:{${shard}}:all`;
/** The stamp that every evict and put in the shard deletes, for loads whose result alone tells key or tags. */
export const writesKey = (shard: string) => `cache:{${shard}}:writes`;

/** What a load is judged by; see `lease-scripts.ts`. */
export function guardKeys(shard: string, tags: readonly string[] | undefined): string[] {
  return [allKey(shard), ...otherGuardKeys(shard, tags)];
}

/** The guards of a load but for the one that all loads of the shard have. */
export function otherGuardKeys(shard: string, tags: readonly string[] | undefined): string[] {
  return tags?.map((tag) => tagKey(shard, tag)) ?? [writesKey(shard)];
}

/** What a put is judged by. */
export function putGuards(shard: string, key: string | undefined, tags: readonly string[] | undefined): string[] {
  return key === undefined ? guardKeys(shard, undefined) : [putKey(shard, key), ...guardKeys(shard, tags)];
}

/** What an evict removes from a shard. */
export function evictedKeys(shard: string, eviction: Eviction): string[] {
  if ('tags' in eviction) return [...eviction.tags.map((tag) => tagKey(shard, tag)), writesKey(shard)];
  if ('all' in eviction) return [allKey(shard), writesKey(shard)];
  const { key } = eviction;
  return [entryKey(shard, key), leaseKey(shard, key), putKey(shard, key), writesKey(shard)];
}

/** Keys of whatever shards, those of each together. */
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
 * Keys in the order in which they can be removed one by one: first what lets a load or a put that is under way be kept,
 * then what has been kept. In the other order an old value could be stored between the two.
 */
export function removalSteps(keys: readonly string[]): readonly [string[], string[]] {
  const guardsOnly = /^(lease:|put:|writes$)/;
  const isFirst = (key: string) => guardsOnly.test(key.slice(key.indexOf('}:') + '}:'.length));
  return [keys.filter(isFirst), keys.filter((key) => !isFirst(key))];
}
