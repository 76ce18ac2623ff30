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
      help: 'Place views of this process: stored in Redis (counted), or discarded by a full buffer (dropped).',
      type: 'counter',
      read: () => [
        { labels: { outcome: 'counted' }, value: this.counter.acknowledged },
        { labels: { outcome: 'dropped' }, value: this.counter.dropped },
      ],
    });
    this.metrics.add({
      name: 'ecogreen_views_unsent',
      help: 'Place views buffered in this process and not yet sent to Redis.',
      type: 'gauge',
      read: () => [{ value: this.counter.waiting }],
    });
    this.metrics.add({
      name: 'ecogreen_view_counts_waiting',
      help: 'Pending writes in Redis: hourly counts of a place (open), and batches of up to 1,000 of them.',
      type: 'gauge',
      read: async () => {
        const { open, batches } = await this.store.backlog();
        return Object.entries({ open, batches }).map(([state, value]) => ({ labels: { state }, value }));
      },
    });
    this.metrics.add({
      name: 'ecogreen_views_written_total',
      help: 'Place views written to PostgreSQL by this process.',
      type: 'counter',
      read: () => [{ value: this.flush.written }],
    });
  }
}
