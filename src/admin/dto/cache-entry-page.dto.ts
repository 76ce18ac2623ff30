import type { EntryInfo } from '../../cache/index.js';
import type { Page } from '../../common/index.js';
import { CacheEntryDto } from './cache-entry.dto.js';

/** Some of the entries of a cache. */
export class CacheEntryPageDto {
  /** In no particular order; can be fewer than asked for, even none, before the last page. */
  items!: CacheEntryDto[];

  /**
   * Send it as `cursor` to get the next page; null on the last one.
   * @example 'k3Jx0sQm9cVb2yTnWzAsIjM0IiwiYWJjIl0'
   */
  nextCursor!: string | null;

  static from({ items, nextCursor }: Page<EntryInfo>): CacheEntryPageDto {
    return Object.assign(new CacheEntryPageDto(), { items: items.map((each) => CacheEntryDto.from(each)), nextCursor });
  }
}
