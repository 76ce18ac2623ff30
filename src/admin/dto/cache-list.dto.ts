import { ApiProperty } from '@nestjs/swagger';
import type { BreakerState } from '../../redis/index.js';
import type { CachesOverview } from '../admin-caches.service.js';
import { CacheDto } from './cache.dto.js';
import { PendingInvalidationsDto } from './pending-invalidations.dto.js';

/** All caches, and the state of their shared dependencies. */
export class CacheListDto {
  /** All caches, sorted by name. */
  items!: CacheDto[];

  /**
   * State of the circuit breaker of the cache Redis: commands are sent only while it is `closed`.
   * @example 'closed'
   */
  @ApiProperty({ enum: ['closed', 'open', 'half-open'] })
  breaker!: BreakerState;

  /** Invalidations of all instances that Redis has not confirmed yet; null if PostgreSQL is unavailable. */
  pendingInvalidations!: PendingInvalidationsDto | null;

  static from({ caches, breaker, pending }: CachesOverview): CacheListDto {
    const items = caches.map((each) => CacheDto.from(each));
    const pendingInvalidations = pending === null ? null : PendingInvalidationsDto.from(pending);
    return Object.assign(new CacheListDto(), { items, breaker, pendingInvalidations });
  }
}
