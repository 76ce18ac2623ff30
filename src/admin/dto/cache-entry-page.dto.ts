import type { EntryInfo } from '../../cache/index.js';
import type { Page } from '../../common/index.js';
import { CacheEntryDto } from './cache-entry.dto.js';

/** Page of cache entries. */
export class CacheEntryPageDto {
  /** Entries in undefined order; possibly fewer than `limit`, or none, before the last page. */
  items!: CacheEntryDto[];

  /**
   * `cursor` of the next page; null on the last page.
   * @example 'k3Jx0sQm9cVb2yTnWzAsIjM0IiwiYWJjIl0'
   */
  nextCursor!: string | null;

  static from({ items, nextCursor }: Page<EntryInfo>): CacheEntryPageDto {
    return Object.assign(new CacheEntryPageDto(), { items: items.map((each) => CacheEntryDto.from(each)), nextCursor });
  }
}
