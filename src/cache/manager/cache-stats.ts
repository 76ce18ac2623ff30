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
  /** Evicts of one entry, of a tag, or of everything; and those of them that had to be tried again. */
  evicts = 0;
  evictRetries = 0;
  /** Commands that failed. */
  errors = 0;
  /** Values that could not be stored for their kind, or for their size. */
  uncacheable = 0;
  oversized = 0;
  /** Stored bytes that could not be read. */
  undecodable = 0;

  /** The figures as they are now. */
  snapshot(): Omit<CacheStats, 'snapshot' | 'reset'> {
    return Object.assign({}, this);
  }

  reset(): void {
    Object.assign(this, new CacheStats());
  }
}
