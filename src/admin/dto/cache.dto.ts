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
   * Evicts of one entry, by tags and of everything.
   * @example 28
   */
  evicts!: number;

  /**
   * Evicts that had to be tried again.
   * @example 0
   */
  evictRetries!: number;

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
    const { refused, waits, waitTimeouts, keyEvicts, tagEvicts, allEvicts, loadMs, ...same } = figures;
    const { hits, misses, stale, bypasses, loads, puts, evictRetries, bytesRead, bytesWritten } = same;
    return Object.assign(new CacheDto(), {
      name,
      ttlMs,
      ...{ hits, misses, stale, bypasses, loads, puts, evictRetries, bytesRead, bytesWritten },
      ...{ errors: same.errors, checks: same.checks, differences: same.differences },
      meanLoadMs: loads === 0 ? null : loadMs / loads,
      refusedPuts: refused,
      leaseWaits: waits,
      leaseWaitTimeouts: waitTimeouts,
      evicts: keyEvicts + tagEvicts + allEvicts,
    });
  }
}
