import { encodeKey } from '../keys/cache-key.js';
import type { Eviction } from './cache-storage.js';

// The cache's name stands in braces: it ends where the brace does, and all its keys share one hash slot.
export const entryKey = (cache: string, key: string) => `cache:{${cache}}:entry:${key}`;
export const leaseKey = (cache: string, key: string) => `cache:{${cache}}:lease:${key}`;
export const putKey = (cache: string, key: string) => `cache:{${cache}}:put:${key}`;
export const tagKey = (cache: string, tag: string) => `cache:{${cache}}:tag:${encodeKey(tag)}`;
export const allKey = (cache: string) => `cache:{${cache}}:all`;
export const writesKey = (cache: string) => `cache:{${cache}}:writes`;

/** What a load is judged by; see `lease-scripts.ts`. */
export function guardKeys(cache: string, tags: readonly string[] | undefined): string[] {
  return [allKey(cache), ...(tags?.map((tag) => tagKey(cache, tag)) ?? [writesKey(cache)])];
}

/** What a put is judged by. */
export function putGuards(cache: string, key: string | undefined, tags: readonly string[] | undefined): string[] {
  return key === undefined ? guardKeys(cache, undefined) : [putKey(cache, key), ...guardKeys(cache, tags)];
}

/** What an evict removes. */
export function evictedKeys(cache: string, eviction: Eviction): string[] {
  if ('tags' in eviction) return [...eviction.tags.map((tag) => tagKey(cache, tag)), writesKey(cache)];
  if ('all' in eviction) return [allKey(cache), writesKey(cache)];
  const { key } = eviction;
  return [entryKey(cache, key), leaseKey(cache, key), putKey(cache, key), writesKey(cache)];
}
