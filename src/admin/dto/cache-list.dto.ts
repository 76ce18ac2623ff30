import type { CacheOverview } from '../admin-caches.service.js';
import { CacheDto } from './cache.dto.js';

/** Every cache of the service. */
export class CacheListDto {
  /** All caches, by name. */
  items!: CacheDto[];

  static from(caches: readonly CacheOverview[]): CacheListDto {
    return Object.assign(new CacheListDto(), { items: caches.map((each) => CacheDto.from(each)) });
  }
}
