import type { Eviction } from '../storage/cache-storage.js';

/** Statistics of a cache at one moment. */
export type CacheStatsSnapshot = {
  readonly [Name in keyof CacheStats as CacheStats[Name] extends number ? Name : never]: number;
};

/** Counters of one cache in one process since its start (or the last `reset`). */
export class CacheStats {
  /** Calls served with a cached value. */
  hits = 0;
  /** Calls for which no value was cached. */
  misses = 0;
  /** Calls served with a stale value. */
  stale = 0;
  /** Calls that bypassed the cache. */
  bypasses = 0;
  /** Values stored. */
  puts = 0;
  /** Values rejected because something they depend on was evicted while they were loaded. */
  refused = 0;
  /**
   * Calls that waited for another process to load, and waits that timed out, those for a load of this process included.
   */
  waits = 0;
  waitTimeouts = 0;
  /** Calls served with a stale value because the load took too long, and calls that failed for that reason. */
  softTimeouts = 0;
  hardTimeouts = 0;
  /** Hits that triggered an early refresh of the entry. */
  earlyRefreshes = 0;
  /** Calls that failed because the cache was unavailable and too many loads were queued. */
  rejected = 0;
  /** Loads and verifications that failed while no caller waited for them. */
  backgroundErrors = 0;
  /** Methods and loaders run to obtain a value, failures included, and their duration in milliseconds. */
  loads = 0;
  loadMs = 0;
  /** Evictions of one entry, by tags, and of the whole cache; and those of them that had to be retried. */
  keyEvictions = 0;
  tagEvictions = 0;
  fullEvictions = 0;
  evictionRetries = 0;
  /** Values compressed before they were stored. */
  compressed = 0;
  /** Bytes of the values read and stored, after compression. */
  bytesRead = 0;
  bytesWritten = 0;
  /** Failed commands. */
  errors = 0;
  /** Values not stored because of their type, or because of their size. */
  uncacheable = 0;
  oversized = 0;
  /** Stored bytes that could not be decoded. */
  undecodable = 0;
  /** Hits verified against their source, and those of them that were outdated. */
  checks = 0;
  differences = 0;

  countLoad(ms: number): void {
    this.loads += 1;
    this.loadMs += ms;
  }

  countEviction(eviction: Eviction): void {
    if ('key' in eviction) this.keyEvictions += 1;
    else if ('tags' in eviction) this.tagEvictions += 1;
    else this.fullEvictions += 1;
  }

  /** @param stored false when it was rejected, undefined when the result is unknown */
  countPut(stored: boolean | undefined, bytes: number): void {
    if (stored === false) this.refused += 1;
    if (stored !== true) return;
    this.puts += 1;
    this.bytesWritten += bytes;
  }

  /** The current statistics. */
  snapshot(): CacheStatsSnapshot {
    return Object.assign({}, this);
  }

  reset(): void {
    Object.assign(this, new CacheStats());
  }
}
