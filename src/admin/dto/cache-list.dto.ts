import { ApiProperty } from '@nestjs/swagger';
import type { BreakerState } from '../../redis/index.js';
import type { CachesOverview } from '../admin-caches.service.js';
import { CacheDto } from './cache.dto.js';
import { WaitingEvictsDto } from './waiting-evicts.dto.js';

/** Every cache of the service, and what they all depend on. */
export class CacheListDto {
  /** All caches, by name. */
  items!: CacheDto[];

  /**
   * Whether the cache Redis is asked: `closed` when it is, `open` and `half-open` when it is left alone.
   * @example 'closed'
   */
  @ApiProperty({ enum: ['closed', 'open', 'half-open'] })
  breaker!: BreakerState;

  /** Evicts that Redis has not confirmed yet, of all instances; null when PostgreSQL cannot tell. */
  waitingEvicts!: WaitingEvictsDto | null;

  static from({ caches, breaker, waiting }: CachesOverview): CacheListDto {
    const items = caches.map((each) => CacheDto.from(each));
    const waitingEvicts = waiting === null ? null : WaitingEvictsDto.from(waiting);
    return Object.assign(new CacheListDto(), { items, breaker, waitingEvicts });
  }
}
