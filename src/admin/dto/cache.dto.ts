import { ApiProperty } from '@nestjs/swagger';
import type { CacheOverview } from '../admin-caches.service.js';

/** A cache, and what it has done in the process that answers since it started. */
export class CacheDto {
  /**
   * What decorators call it.
   * @example 'place'
   */
  name!: string;

  /**
   * How long it keeps a value, in milliseconds, unless an operation says otherwise.
   * @example 1800000
   */
  ttlMs!: number;

  /**
   * Calls answered with a kept value.
   * @example 9120
   */
  hits!: number;

  /**
   * Calls for which nothing was kept.
   * @example 311
   */
  misses!: number;

  /**
   * Calls answered with a value past its time.
   * @example 0
   */
  stale!: number;

  /**
   * Calls that left the cache aside.
   * @example 0
   */
  bypasses!: number;

  /**
   * Times that the method ran for want of a value.
   * @example 311
   */
  loads!: number;

  /**
   * Milliseconds a load took on average; null when there was none.
   * @example 4.2
   */
  @ApiProperty({ format: 'double' })
  meanLoadMs!: number | null;

  /**
   * Values stored.
   * @example 309
   */
  puts!: number;

  /**
   * Values not stored, since something they depend on was evicted meanwhile.
   * @example 2
   */
  refusedPuts!: number;

  /**
   * Calls that waited for another process to load.
   * @example 5
   */
  leaseWaits!: number;

  /**
   * Those of them that waited in vain.
   * @example 0
   */
  leaseWaitTimeouts!: number;

  /**
   * Evicts of one entry.
   * @example 28
   */
  keyEvictions!: number;

  /**
   * Evicts by tags.
   * @example 3
   */
  tagEvictions!: number;

  /**
   * Evicts of everything.
   * @example 2
   */
  fullEvictions!: number;

  /**
   * Evicts that had to be tried again.
   * @example 0
   */
  evictionRetries!: number;

  /**
   * Calls answered with a value past its time, since the load took too long.
   * @example 0
   */
  softTimeouts!: number;

  /**
   * Calls that failed, since the load took too long.
   * @example 0
   */
  hardTimeouts!: number;

  /**
   * Calls that failed, since the cache was away and too many loads waited for their turn.
   * @example 0
   */
  rejectedLoads!: number;

  /**
   * Hits that began a load, since their value was near its end.
   * @example 4
   */
  earlyRefreshes!: number;

  /**
   * Loads and checks that nobody waited for any more, and that failed.
   * @example 0
   */
  backgroundErrors!: number;

  /**
   * Bytes of the values read.
   * @example 5845920
   */
  bytesRead!: number;

  /**
   * Bytes of the values stored.
   * @example 198069
   */
  bytesWritten!: number;

  /**
   * Values compressed in order to be stored.
   * @example 0
   */
  compressed!: number;

  /**
   * Values not stored for their kind.
   * @example 0
   */
  uncacheable!: number;

  /**
   * Values not stored for their size.
   * @example 0
   */
  oversized!: number;

  /**
   * Stored values that could not be read.
   * @example 0
   */
  undecodable!: number;

  /**
   * Commands to Redis that failed.
   * @example 0
   */
  errors!: number;

  /**
   * Hits that were checked against their source.
   * @example 9
   */
  checks!: number;

  /**
   * Those of them that were old: each is a fault, and was evicted.
   * @example 0
   */
  differences!: number;

  static from({ name, ttlMs, figures }: CacheOverview): CacheDto {
    const { refused, waits, waitTimeouts, rejected, loadMs, ...same } = figures;
    return Object.assign(new CacheDto(), {
      ...same,
      name,
      ttlMs,
      meanLoadMs: same.loads === 0 ? null : loadMs / same.loads,
      refusedPuts: refused,
      leaseWaits: waits,
      leaseWaitTimeouts: waitTimeouts,
      rejectedLoads: rejected,
    });
  }
}
