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

const EVICTS = { name: 'evicts', help: 'Evicts of one entry (key), by tags (tag) and of everything (all).' };

/** Description of every statistic of a cache; a missing one is a compile-time error. */
const DESCRIPTIONS: Readonly<Record<keyof CacheStatsSnapshot, Description>> = {
  hits: { name: 'hits', help: 'Calls answered with a kept value.' },
  misses: { name: 'misses', help: 'Calls for which nothing was kept.' },
  stale: { name: 'stale', help: 'Calls answered with a value past its time, since its source was away or slow.' },
  bypasses: { name: 'bypasses', help: 'Calls that left the cache aside, since Redis was away or not to be trusted.' },
  puts: { name: 'puts', help: 'Values stored.' },
  refused: {
    name: 'refused_puts',
    help: 'Values not stored, since what they depend on was evicted while they were made.',
  },
  waits: { name: 'lease_waits', help: 'Calls that waited for another process to load.' },
  waitTimeouts: { name: 'lease_wait_timeouts', help: 'Calls that waited in vain for another to load.' },
  softTimeouts: {
    name: 'soft_timeouts',
    help: 'Calls answered with a value past its time, since the load took too long.',
  },
  hardTimeouts: { name: 'hard_timeouts', help: 'Calls that failed, since the load took too long.' },
  rejected: {
    name: 'rejected_loads',
    help: 'Calls that failed, since the cache was away and too many loads waited for their turn.',
  },
  backgroundErrors: { name: 'background_errors', help: 'Loads and checks that nobody waited for, and that failed.' },
  earlyRefreshes: { name: 'early_refreshes', help: 'Hits that began a load, since their value was near its end.' },
  loads: { name: 'loads', help: 'Methods and loaders that ran for want of a value, failures included.' },
  loadMs: { name: 'load_seconds', help: 'Time those loads took.', per: 1_000 },
  keyEvictions: { ...EVICTS, kind: 'key' },
  tagEvictions: { ...EVICTS, kind: 'tag' },
  fullEvictions: { ...EVICTS, kind: 'all' },
  evictionRetries: {
    name: 'evict_retries',
    help: 'Evicts that Redis did not confirm at once and that were tried again.',
  },
  compressed: { name: 'compressed_values', help: 'Values compressed in order to be stored.' },
  bytesRead: { name: 'read_bytes', help: 'Bytes of the values read.' },
  bytesWritten: { name: 'written_bytes', help: 'Bytes of the values stored.' },
  errors: { name: 'errors', help: 'Commands of the cache that failed.' },
  uncacheable: { name: 'uncacheable_values', help: 'Values not stored for their kind.' },
  oversized: { name: 'oversized_values', help: 'Values not stored for their size.' },
  undecodable: { name: 'undecodable_values', help: 'Stored values and answers that could not be read.' },
  checks: { name: 'consistency_checks', help: 'Hits whose method ran again, to see whether they give what it gives.' },
  differences: { name: 'consistency_differences', help: 'Hits that were checked and were old; each is a fault.' },
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
