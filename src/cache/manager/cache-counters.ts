interface Counter {
  /** Meaning of one unit, for metrics, API and documentation. */
  readonly help: string;
  /** Part of the metric name between `ecogreen_cache_` and `_total`. */
  readonly metric: string;
  /** Label that distinguishes counters of the same metric. */
  readonly kind?: string;
  /** Divisor from the unit of the counter to that of the metric. */
  readonly per?: number;
}

/**
 * The counters of a cache: fields of `CacheStats`, metrics and fields of the admin API. test/metrics.e2e-spec.ts
 * compares docs/metrics.md with them.
 */
const CACHE_COUNTERS = {
  hits: { metric: 'hits', help: 'Calls served with a cached value.' },
  misses: { metric: 'misses', help: 'Calls for which no value was cached.' },
  stale: { metric: 'stale', help: 'Calls served with a stale value because the source was unavailable or slow.' },
  bypasses: { metric: 'bypasses', help: 'Calls that bypassed the cache because Redis was unavailable or quarantined.' },
  puts: { metric: 'puts', help: 'Values stored.' },
  refusedPuts: {
    metric: 'refused_puts',
    help: 'Values not stored because a dependency was evicted while they were loaded.',
  },
  leaseWaits: { metric: 'lease_waits', help: 'Calls that waited for another process to load.' },
  leaseWaitTimeouts: { metric: 'lease_wait_timeouts', help: 'Waits for a load of another call that timed out.' },
  softTimeouts: {
    metric: 'soft_timeouts',
    help: 'Calls served with a stale value because the load took too long.',
  },
  hardTimeouts: { metric: 'hard_timeouts', help: 'Calls that failed because the load took too long.' },
  rejectedLoads: {
    metric: 'rejected_loads',
    help: 'Calls rejected because the cache was unavailable and too many loads were queued.',
  },
  backgroundErrors: { metric: 'background_errors', help: 'Background loads and verifications that failed.' },
  earlyRefreshes: {
    metric: 'early_refreshes',
    help: 'Hits that started a background load because their value was about to expire.',
  },
  loads: { metric: 'loads', help: 'Runs of cached methods and loaders to obtain a value, failures included.' },
  loadMs: { metric: 'load_seconds', help: 'Total duration of the loads.', per: 1_000 },
  keyEvictions: { metric: 'evictions', kind: 'key', help: 'Evictions of one entry.' },
  tagEvictions: { metric: 'evictions', kind: 'tag', help: 'Evictions by tags.' },
  fullEvictions: { metric: 'evictions', kind: 'all', help: 'Evictions of the whole cache.' },
  evictionRetries: {
    metric: 'eviction_retries',
    help: 'Evictions that Redis did not confirm at first and that were retried.',
  },
  compressed: { metric: 'compressed_values', help: 'Values compressed before they were stored.' },
  bytesRead: { metric: 'read_bytes', help: 'Bytes of the values read, after compression.' },
  bytesWritten: { metric: 'written_bytes', help: 'Bytes of the values stored, after compression.' },
  errors: { metric: 'errors', help: 'Redis commands of the cache that failed.' },
  uncacheable: { metric: 'uncacheable_values', help: 'Values not stored because of their type.' },
  oversized: { metric: 'oversized_values', help: 'Values not stored because of their size.' },
  undecodable: { metric: 'undecodable_values', help: 'Stored values and responses that could not be decoded.' },
  checks: { metric: 'consistency_checks', help: 'Sampled hits that were compared with their source.' },
  differences: {
    metric: 'consistency_differences',
    help: 'Compared hits that were outdated and evicted; each indicates a missing eviction.',
  },
} as const satisfies Record<string, Counter>;

type CacheCounter = keyof typeof CACHE_COUNTERS;

/** Value of every counter. */
export type CacheCounts = Record<CacheCounter, number>;

/** Names and descriptions of all counters, in the order of the table. */
export const COUNTER_ENTRIES = Object.entries(CACHE_COUNTERS) as readonly (readonly [CacheCounter, Counter])[];
