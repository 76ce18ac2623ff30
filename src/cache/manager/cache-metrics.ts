import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../observability/index.js';
import { COUNTER_ENTRIES } from './cache-counters.js';
import { CacheManager } from './cache-manager.js';

/** Exports the statistics of every cache of the application as metrics. */
@Injectable()
export class CacheMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly caches: CacheManager,
  ) {}

  onModuleInit(): void {
    for (const name of new Set(COUNTER_ENTRIES.map(([, { metric }]) => metric))) {
      this.addCounter(name, COUNTER_ENTRIES.filter(([, { metric }]) => metric === name));
    }
  }

  private addCounter(name: string, counters: typeof COUNTER_ENTRIES): void {
    this.metrics.add({
      name: `ecogreen_cache_${name}_total`,
      help: counters.map(([, { help }]) => help).join(' '),
      type: 'counter',
      read: () =>
        Object.entries(this.caches.allStats()).flatMap(([cache, stats]) =>
          counters.map(([counter, { kind, per = 1 }]) => {
            return { labels: { cache, ...(kind !== undefined && { kind }) }, value: stats[counter] / per };
          }),
        ),
    });
  }
}
