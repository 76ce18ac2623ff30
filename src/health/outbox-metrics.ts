import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Outbox, type OutboxDepth } from '../database/index.js';
import { Metrics } from '../observability/index.js';

/** Metrics of the entries waiting in the outbox, which all processes share. */
@Injectable()
export class OutboxMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.metrics.add({
      name: 'ecogreen_outbox_entries',
      help: 'Pending outbox entries of a topic, of all processes; at most 10,000 are counted.',
      type: 'gauge',
      read: () => this.readDepths(({ count }) => count),
    });
    this.metrics.add({
      name: 'ecogreen_outbox_oldest_seconds',
      help: 'Age of the oldest pending outbox entry of a topic; 0 when none is pending.',
      type: 'gauge',
      read: () => this.readDepths(({ oldestMs }) => oldestMs / 1_000),
    });
  }

  private readDepths(valueOf: (depth: OutboxDepth) => number) {
    return Promise.all(
      this.outbox.topics.map(async (topic) => {
        return { labels: { topic }, value: valueOf(await this.outbox.depth(topic)) };
      }),
    );
  }
}
