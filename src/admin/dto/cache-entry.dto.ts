import type { EntryInfo } from '../../cache/index.js';

/** Metadata of a cache entry. */
export class CacheEntryDto {
  /**
   * Key for `evictCacheEntry`: the encoded arguments, or `#` and their hash if they are long.
   * @example '42'
   */
  key!: string;

  /**
   * Remaining time to live in milliseconds; 0 for a stale entry, which is served only while its source is unavailable.
   * @example 1740000
   */
  ttlMs!: number;

  /**
   * Size in Redis of the value and of the prepared response, in bytes.
   * @example 641
   */
  bytes!: number;

  /**
   * Tags by which the entry can be evicted.
   * @example ['place:42']
   */
  tags!: string[];

  static from({ key, ttlMs, bytes, tags }: EntryInfo): CacheEntryDto {
    return Object.assign(new CacheEntryDto(), { key, ttlMs, bytes, tags: [...tags] });
  }
}
