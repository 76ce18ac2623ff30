import { ApiProperty } from '@nestjs/swagger';
import type { CacheOverview } from '../admin-caches.service.js';

/** A cache and its statistics in the responding instance since its start. */
export class CacheDto {
  /**
   * Name of the cache.
   * @example 'place'
   */
  name!: string;

  /**
   * Default time to live of a value, in milliseconds.
   * @example 1800000
   */
  ttlMs!: number;

  /**
   * Calls served with a cached value.
   * @example 9120
   */
  hits!: number;

  /**
   * Calls for which no value was cached.
   * @example 311
   */
  misses!: number;

  /**
   * Calls served with a stale value.
   * @example 0
   */
  stale!: number;

  /**
   * Calls that bypassed the cache.
   * @example 0
   */
  bypasses!: number;

  /**
   * Runs of the method to obtain a value.
   * @example 311
   */
  loads!: number;

  /**
   * Mean duration of a load in milliseconds; null if there was none.
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
   * Values not stored because a dependency was evicted while they were loaded.
   * @example 2
   */
  refusedPuts!: number;

  /**
   * Calls that waited for a load of another process.
   * @example 5
   */
  leaseWaits!: number;

  /**
   * Waits for a load of another process that timed out.
   * @example 0
   */
  leaseWaitTimeouts!: number;

  /**
   * Evictions of one entry.
   * @example 28
   */
  keyEvictions!: number;

  /**
   * Evictions by tags.
   * @example 3
   */
  tagEvictions!: number;

  /**
   * Evictions of the whole cache.
   * @example 2
   */
  fullEvictions!: number;

  /**
   * Evictions that had to be retried.
   * @example 0
   */
  evictionRetries!: number;

  /**
   * Calls served with a stale value because the load took too long.
   * @example 0
   */
  softTimeouts!: number;

  /**
   * Calls that failed because the load took too long.
   * @example 0
   */
  hardTimeouts!: number;

  /**
   * Calls rejected because the cache was unavailable and too many loads were queued.
   * @example 0
   */
  rejectedLoads!: number;

  /**
   * Hits that started a background load because their value was about to expire.
   * @example 4
   */
  earlyRefreshes!: number;

  /**
   * Background loads and verifications that failed.
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
   * Values compressed before they were stored.
   * @example 0
   */
  compressed!: number;

  /**
   * Values not stored because of their type.
   * @example 0
   */
  uncacheable!: number;

  /**
   * Values not stored because of their size.
   * @example 0
   */
  oversized!: number;

  /**
   * Stored values that could not be decoded.
   * @example 0
   */
  undecodable!: number;

  /**
   * Failed Redis commands.
   * @example 0
   */
  errors!: number;

  /**
   * Sampled hits that were compared with their source.
   * @example 9
   */
  checks!: number;

  /**
   * Compared hits that were outdated and evicted; each indicates a missing eviction.
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
