import type { Eviction } from '../storage/cache-storage.js';

/** The figures of a cache at one moment. */
export type CacheStatsSnapshot = {
  readonly [Name in keyof CacheStats as CacheStats[Name] extends number ? Name : never]: number;
};

/** What happened in one cache of one process since its start (or the last `reset`). */
export class CacheStats {
  /** Calls answered with a kept value. */
  hits = 0;
  /** Calls for which nothing was kept. */
  misses = 0;
  /** Calls answered with a value past its time. */
  stale = 0;
  /** Calls that left the cache aside. */
  bypasses = 0;
  /** Values stored. */
  puts = 0;
  /** Values not stored, since something they depend on was evicted while they were made. */
  refused = 0;
  /** Calls that waited for another process to load, and those of them that waited in vain. */
  waits = 0;
  waitTimeouts = 0;
  /** Calls answered with a value past its time since the load took too long, and calls that failed for that. */
  softTimeouts = 0;
  hardTimeouts = 0;
  /** Hits whose caller had the entry loaded anew, before its time. */
  earlyRefreshes = 0;
  /** Calls that failed since the cache was away and too many loads waited for their turn. */
  rejected = 0;
  /** Loads that nobody waited for any more, and that failed. */
  backgroundErrors = 0;
  /** Methods and loaders that ran for want of a value, failures included, and the milliseconds they took. */
  loads = 0;
  loadMs = 0;
  /** Evicts of one entry, by tags, and of everything; and those of them that had to be tried again. */
  keyEvictions = 0;
  tagEvictions = 0;
  fullEvictions = 0;
  evictionRetries = 0;
  /** Values compressed in order to be stored. */
  compressed = 0;
  /** Bytes of the values read and stored, compressed if they are. */
  bytesRead = 0;
  bytesWritten = 0;
  /** Commands that failed. */
  errors = 0;
  /** Values that could not be stored for their kind, or for their size. */
  uncacheable = 0;
  oversized = 0;
  /** Stored bytes that could not be read. */
  undecodable = 0;
  /** Hits that were checked against their source, and those of them that were old. */
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

  /** @param stored false when it was refused, undefined when nobody can tell */
  countPut(stored: boolean | undefined, bytes: number): void {
    if (stored === false) this.refused += 1;
    if (stored !== true) return;
    this.puts += 1;
    this.bytesWritten += bytes;
  }

  /** The figures as they are now. */
  snapshot(): CacheStatsSnapshot {
    return Object.assign({}, this);
  }

  reset(): void {
    Object.assign(this, new CacheStats());
  }
}
