import { Logger } from '@nestjs/common';
import type { OutboxEntry } from './outbox-entry.js';
import type { OutboxHandlers } from './outbox-handlers.js';

const BATCH_SIZE = 100;
/** Maximum number of queued entries per topic; further ones are left to the relay, which finds them a moment later. */
const MAX_QUEUED = 1_000;

/**
 * Processes entries that this process has just committed, before a relay would find them: in the background, one batch
 * per topic at a time. Entries whose handler fails are left to the relay.
 */
export class ImmediateDispatcher {
  private readonly logger = new Logger('Outbox');
  private readonly queued = new Map<string, OutboxEntry[]>();
  private isClosed = false;

  constructor(
    private readonly handlers: OutboxHandlers,
    private readonly confirm: (entries: readonly OutboxEntry[]) => void,
  ) {}

  /** Queues committed entries of one topic. */
  push(topic: string, entries: readonly OutboxEntry[]): void {
    const queued = this.queued.get(topic);
    if (queued === undefined) {
      this.queued.set(topic, entries.slice(0, MAX_QUEUED));
      void this.processQueued(topic);
    } else {
      queued.push(...entries.slice(0, MAX_QUEUED - queued.length));
    }
  }

  /** Leaves entries whose processing has not begun to other processes. */
  close(): void {
    this.isClosed = true;
  }

  private async processQueued(topic: string): Promise<void> {
    for (let batch = this.next(topic); batch.length > 0; batch = this.next(topic)) {
      try {
        await this.handlers.process(topic, batch);
        this.confirm(batch);
      } catch (error) {
        this.logger.debug(`outbox topic '${topic}' failed, the relay will retry: ${String(error)}`);
      }
    }
    this.queued.delete(topic);
  }

  private next(topic: string): OutboxEntry[] {
    const isPaused = this.isClosed || this.handlers.isOverdue(topic);
    return isPaused ? [] : (this.queued.get(topic)?.splice(0, BATCH_SIZE) ?? []);
  }
}
