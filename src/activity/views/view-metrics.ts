import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../observability/index.js';
import { ViewCounter } from './view-counter.js';
import { ViewFlush } from './view-flush.js';
import { ViewStore } from './view-store.js';

/** Metrics of view counting, from the process through Redis to PostgreSQL. */
@Injectable()
export class ViewMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly counter: ViewCounter,
    private readonly store: ViewStore,
    private readonly flush: ViewFlush,
  ) {}

  onModuleInit(): void {
    this.metrics.add({
      name: 'ecogreen_views_total',
      help: 'Views of places that Redis has got from this process (counted), or that had no room without it (dropped).',
      type: 'counter',
      read: () => [
        { labels: { outcome: 'counted' }, value: this.counter.acknowledged },
        { labels: { outcome: 'dropped' }, value: this.counter.dropped },
      ],
    });
    this.metrics.add({
      name: 'ecogreen_views_unsent',
      help: 'Views of places that this process has counted and Redis does not have yet.',
      type: 'gauge',
      read: () => [{ value: this.counter.waiting }],
    });
    this.metrics.add({
      name: 'ecogreen_view_counts_waiting',
      help: 'What waits in Redis to be written: counts of a place in an hour (open), and batches of up to 1,000.',
      type: 'gauge',
      read: async () => {
        const { open, batches } = await this.store.waiting();
        return Object.entries({ open, batches }).map(([state, value]) => ({ labels: { state }, value }));
      },
    });
    this.metrics.add({
      name: 'ecogreen_views_written_total',
      help: 'Views of places that this process has written into PostgreSQL.',
      type: 'counter',
      read: () => [{ value: this.flush.written }],
    });
  }
}
