import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../observability/index.js';
import { CacheManager } from './cache-manager.js';
import type { CacheStatsSnapshot } from './cache-stats.js';

interface Description {
  /** Part of the metric name between `ecogreen_cache_` and `_total`. */
  readonly name: string;
  readonly help: string;
  /** Label that distinguishes statistics with the same metric name. */
  readonly kind?: string;
  /** Divisor from the unit of the statistic to that of the metric. */
  readonly per?: number;
}

const EVICTIONS = {
  name: 'evictions',
  help: 'Evictions of one entry (key), by tags (tag) and of the whole cache (all).',
};

/** Description of every statistic of a cache; a missing one is a compile-time error. */
const DESCRIPTIONS: Readonly<Record<keyof CacheStatsSnapshot, Description>> = {
  hits: { name: 'hits', help: 'Calls served with a cached value.' },
  misses: { name: 'misses', help: 'Calls for which no value was cached.' },
  stale: { name: 'stale', help: 'Calls served with a stale value because the source was unavailable or slow.' },
  bypasses: { name: 'bypasses', help: 'Calls that bypassed the cache because Redis was unavailable or quarantined.' },
  puts: { name: 'puts', help: 'Values stored.' },
  refused: {
    name: 'refused_puts',
    help: 'Values not stored because a dependency was evicted while they were loaded.',
  },
  waits: { name: 'lease_waits', help: 'Calls that waited for another process to load.' },
  waitTimeouts: { name: 'lease_wait_timeouts', help: 'Waits for a load of another process that timed out.' },
  softTimeouts: {
    name: 'soft_timeouts',
    help: 'Calls served with a stale value because the load took too long.',
  },
  hardTimeouts: { name: 'hard_timeouts', help: 'Calls that failed because the load took too long.' },
  rejected: {
    name: 'rejected_loads',
    help: 'Calls rejected because the cache was unavailable and too many loads were queued.',
  },
  backgroundErrors: { name: 'background_errors', help: 'Background loads and verifications that failed.' },
  earlyRefreshes: {
    name: 'early_refreshes',
    help: 'Hits that started a background load because their value was about to expire.',
  },
  loads: { name: 'loads', help: 'Runs of cached methods and loaders to obtain a value, failures included.' },
  loadMs: { name: 'load_seconds', help: 'Total duration of the loads.', per: 1_000 },
  keyEvictions: { ...EVICTIONS, kind: 'key' },
  tagEvictions: { ...EVICTIONS, kind: 'tag' },
  fullEvictions: { ...EVICTIONS, kind: 'all' },
  evictionRetries: {
    name: 'eviction_retries',
    help: 'Evictions that Redis did not confirm at first and that were retried.',
  },
  compressed: { name: 'compressed_values', help: 'Values compressed before they were stored.' },
  bytesRead: { name: 'read_bytes', help: 'Bytes of the values read.' },
  bytesWritten: { name: 'written_bytes', help: 'Bytes of the values stored.' },
  errors: { name: 'errors', help: 'Redis commands of the cache that failed.' },
  uncacheable: { name: 'uncacheable_values', help: 'Values not stored because of their type.' },
  oversized: { name: 'oversized_values', help: 'Values not stored because of their size.' },
  undecodable: { name: 'undecodable_values', help: 'Stored values and responses that could not be decoded.' },
  checks: { name: 'consistency_checks', help: 'Sampled hits that were compared with their source.' },
  differences: {
    name: 'consistency_differences',
    help: 'Compared hits that were outdated; each indicates a missing eviction.',
  },
};

/** Exports the statistics of every cache of the application as metrics. */
@Injectable()
export class CacheMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly caches: CacheManager,
  ) {}

  onModuleInit(): void {
    const figures = Object.entries(DESCRIPTIONS) as [keyof CacheStatsSnapshot, Description][];
    for (const name of new Set(figures.map(([, description]) => description.name))) {
      this.addCounter(figures.filter(([, description]) => description.name === name));
    }
  }

  private addCounter(figures: readonly (readonly [keyof CacheStatsSnapshot, Description])[]): void {
    const [[, { name, help }]] = figures as [(typeof figures)[number]];
    this.metrics.add({
      name: `ecogreen_cache_${name}_total`,
      help,
      type: 'counter',
      read: () =>
        Object.entries(this.caches.allStats()).flatMap(([cache, stats]) =>
          figures.map(([figure, { kind, per = 1 }]) => {
            return { labels: { cache, ...(kind !== undefined && { kind }) }, value: stats[figure] / per };
          }),
        ),
    });
  }
}
