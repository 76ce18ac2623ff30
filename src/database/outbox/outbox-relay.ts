import { Logger } from '@nestjs/common';
import { settlesWithin } from '../../common/index.js';
import type { OutboxHandlers } from './outbox-handlers.js';
import type { OutboxRepository } from './outbox.repository.js';

const INTERVAL_MS = 250;
/** So long the process that wrote a row is given to carry it out itself. */
const GRACE_MS = 250;
const ROWS_PER_BATCH = 500;
/** What fails is tried in smaller batches, so that a handler for which it was too much gets on; so much smaller. */
const BATCH_SHRINK_FACTOR = 4;
const CLOSE_TIMEOUT_MS = 500;
const TELL_INTERVAL_MS = 10_000;

/**
 * Carries out what nobody has: looks every 250 ms for rows that are older than that. Any number of processes do so at
 * once, each with rows of its own.
 */
export class OutboxRelay {
  private readonly logger = new Logger('Outbox');
  private readonly toldAt = new Map<string, number>();
  private running: Promise<void> | undefined;
  private readonly busy = new Map<string, Promise<void>>();
  private readonly limits = new Map<string, number>();
  private closed = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly rows: OutboxRepository,
    private readonly handlers: OutboxHandlers,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Looks now, and not only at the end of the interval. */
  hurry(): void {
    this.wake();
  }

  /** Waits for the batch under way, though not for ever: what is not committed is carried out by another process. */
  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    const ended = Promise.all([this.running, ...this.busy.values()]);
    await settlesWithin(ended, CLOSE_TIMEOUT_MS);
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      await this.carryOutDue();
      await this.pause();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, INTERVAL_MS).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One topic that cannot be carried out, or takes its time, holds up no other. */
  private async carryOutDue(): Promise<void> {
    try {
      const topics = this.handlers.topics.filter((topic) => !this.busy.has(topic));
      const due = topics.length === 0 ? [] : await this.rows.findDueTopics(topics, GRACE_MS);
      for (const topic of due) {
        if (this.handlers.isLate(topic)) this.tell(topic, 'its handler still goes on after its time');
        else this.busy.set(topic, this.carryOutOrTell(topic));
      }
    } catch (error) {
      this.tell('', error);
    }
  }

  private async carryOutOrTell(topic: string): Promise<void> {
    try {
      await this.process(topic);
    } catch (error) {
      this.tell(topic, error);
    } finally {
      this.busy.delete(topic);
    }
  }

  private async process(topic: string): Promise<void> {
    for (let isMore = true; isMore && !this.closed; ) {
      const limit = this.limits.get(topic) ?? ROWS_PER_BATCH;
      this.limits.set(topic, Math.ceil(limit / BATCH_SHRINK_FACTOR));
      const wanted = { topic, ageMs: GRACE_MS, limit };
      const taken = await this.rows.take(wanted, (rows) => this.handlers.process(topic, rows));
      this.limits.set(topic, Math.min(ROWS_PER_BATCH, limit * BATCH_SHRINK_FACTOR));
      isMore = taken === limit;
    }
  }

  private tell(topic: string, error: unknown): void {
    const now = performance.now();
    if (this.closed || now - (this.toldAt.get(topic) ?? -Infinity) < TELL_INTERVAL_MS) return;
    this.toldAt.set(topic, now);
    const what = topic === '' ? 'the outbox cannot be read' : `what waits in topic '${topic}' cannot be carried out`;
    this.logger.warn(`${what}, it is tried again: ${String(error)}`);
  }
}
