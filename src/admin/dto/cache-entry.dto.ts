import type { EntryInfo } from '../../cache/index.js';

/** One kept value, without the value. */
export class CacheEntryDto {
  /**
   * What it is kept under: the arguments as text, or `#` and their hash when they are long. `evictCacheEntry` takes it.
   * @example '42'
   */
  key!: string;

  /**
   * Milliseconds until its end; 0 for one past its time, which answers only while its source is away.
   * @example 1740000
   */
  ttlMs!: number;

  /**
   * Size in Redis of the value, and of the answer that is kept ready to send.
   * @example 641
   */
  bytes!: number;

  /**
   * Evicting one of these evicts it.
   * @example ['place:42']
   */
  tags!: string[];

  static from({ key, ttlMs, bytes, tags }: EntryInfo): CacheEntryDto {
    return Object.assign(new CacheEntryDto(), { key, ttlMs, bytes, tags: [...tags] });
  }
}
