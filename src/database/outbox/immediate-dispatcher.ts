import { Logger } from '@nestjs/common';
import type { OutboxEntry } from './outbox-entry.js';
import type { OutboxHandlers } from './outbox-handlers.js';

const ENTRIES_AT_ONCE = 100;
/** Of one topic. What is beyond that is left to the relay, which finds it a moment later. */
const WAITING_AT_MOST = 1_000;

/**
 * Carries out what this process has just committed, before a relay would find it: of each topic one batch after the
 * other, in the background. What fails is left to the relay.
 */
export class ImmediateDispatcher {
  private readonly logger = new Logger('Outbox');
  private readonly waiting = new Map<string, OutboxEntry[]>();
  private isClosed = false;

  constructor(
    private readonly handlers: OutboxHandlers,
    private readonly confirm: (entries: readonly OutboxEntry[]) => void,
  ) {}

  /** Entries of one topic, which are committed. */
  push(topic: string, entries: readonly OutboxEntry[]): void {
    const waiting = this.waiting.get(topic);
    if (waiting === undefined) {
      this.waiting.set(topic, entries.slice(0, WAITING_AT_MOST));
      void this.carryOutWaiting(topic);
    } else {
      waiting.push(...entries.slice(0, WAITING_AT_MOST - waiting.length));
    }
  }

  /** Leaves to others what has not begun. */
  close(): void {
    this.isClosed = true;
  }

  private async carryOutWaiting(topic: string): Promise<void> {
    for (let batch = this.next(topic); batch.length > 0; batch = this.next(topic)) {
      try {
        await this.handlers.process(topic, batch);
        this.confirm(batch);
      } catch (error) {
        this.logger.debug(`what topic '${topic}' asks for is left to the relay: ${String(error)}`);
      }
    }
    this.waiting.delete(topic);
  }

  private next(topic: string): OutboxEntry[] {
    const isOver = this.isClosed || this.handlers.isLate(topic);
    return isOver ? [] : (this.waiting.get(topic)?.splice(0, ENTRIES_AT_ONCE) ?? []);
  }
}
