import { Logger } from '@nestjs/common';
import type { OutboxEntry } from './outbox-entry.js';
import type { OutboxHandlers } from './outbox-handlers.js';

const ENTRIES_AT_ONCE = 100;
/** Maximum number of queued entries per topic; further ones are left to the relay, which finds them a moment later. */
const WAITING_AT_MOST = 1_000;

/**
 * Processes entries that this process has just committed, before a relay would find them: in the background, one batch
 * per topic at a time. Entries whose handler fails are left to the relay.
 */
export class ImmediateDispatcher {
  private readonly logger = new Logger('Outbox');
  private readonly waiting = new Map<string, OutboxEntry[]>();
  private isClosed = false;

  constructor(
    private readonly handlers: OutboxHandlers,
    private readonly confirm: (entries: readonly OutboxEntry[]) => void,
  ) {}

  /** Queues committed entries of one topic. */
  push(topic: string, entries: readonly OutboxEntry[]): void {
    const waiting = this.waiting.get(topic);
    if (waiting === undefined) {
      this.waiting.set(topic, entries.slice(0, WAITING_AT_MOST));
      void this.processWaiting(topic);
    } else {
      waiting.push(...entries.slice(0, WAITING_AT_MOST - waiting.length));
    }
  }

  /** Leaves entries whose processing has not begun to other processes. */
  close(): void {
    this.isClosed = true;
  }

  private async processWaiting(topic: string): Promise<void> {
    for (let batch = this.next(topic); batch.length > 0; batch = this.next(topic)) {
      try {
        await this.handlers.process(topic, batch);
        this.confirm(batch);
      } catch (error) {
        this.logger.debug(`outbox topic '${topic}' failed, the relay will retry: ${String(error)}`);
      }
    }
    this.waiting.delete(topic);
  }

  private next(topic: string): OutboxEntry[] {
    const isOver = this.isClosed || this.handlers.isLate(topic);
    return isOver ? [] : (this.waiting.get(topic)?.splice(0, ENTRIES_AT_ONCE) ?? []);
  }
}
