import { Logger } from '@nestjs/common';
import { settlesWithin, ThrottledLogger } from '../../common/index.js';
import type { OutboxHandlers } from './outbox-handlers.js';
import type { OutboxRepository } from './outbox.repository.js';

const INTERVAL_MS = 250;
/** Grace period, in milliseconds, in which only the process that wrote a row processes it. */
const GRACE_MS = 250;
const ROWS_PER_BATCH = 500;
/**
 * Factor by which batches shrink after a failure and grow after a success: a handler that is overloaded by large
 * batches still makes progress.
 */
const BATCH_SHRINK_FACTOR = 4;
const CLOSE_TIMEOUT_MS = 500;
const LOG_INTERVAL_MS = 10_000;

/**
 * Processes rows that are still in the outbox: polls every 250 ms for rows that are older than that. Any number of
 * processes do so at the same time, each with different rows.
 */
export class OutboxRelay {
  private readonly logger = new ThrottledLogger(new Logger('Outbox'), LOG_INTERVAL_MS);
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

  /** Waits for the running batches, but not without a limit: uncommitted rows will be processed by another process. */
  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    const ended = Promise.all([this.running, ...this.busy.values()]);
    await settlesWithin(ended, CLOSE_TIMEOUT_MS);
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      await this.processDue();
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

  /** A topic whose handler fails or is slow does not delay the others. */
  private async processDue(): Promise<void> {
    try {
      const topics = this.handlers.topics.filter((topic) => !this.busy.has(topic));
      const due = topics.length === 0 ? [] : await this.rows.findDueTopics(topics, GRACE_MS);
      for (const topic of due) {
        if (this.handlers.isOverdue(topic)) this.logFailure(topic, 'its handler is still running after its timeout');
        else this.busy.set(topic, this.processOrLog(topic));
      }
    } catch (error) {
      this.logFailure('', error);
    }
  }

  private async processOrLog(topic: string): Promise<void> {
    try {
      await this.process(topic);
    } catch (error) {
      this.logFailure(topic, error);
    } finally {
      this.busy.delete(topic);
    }
  }

  private async process(topic: string): Promise<void> {
    for (let isMore = true; isMore && !this.closed; ) {
      const limit = this.limits.get(topic) ?? ROWS_PER_BATCH;
      this.limits.set(topic, Math.ceil(limit / BATCH_SHRINK_FACTOR));
      const selection = { topic, ageMs: GRACE_MS, limit };
      const taken = await this.rows.take(selection, (rows) => this.handlers.process(topic, rows));
      this.limits.set(topic, Math.min(ROWS_PER_BATCH, limit * BATCH_SHRINK_FACTOR));
      isMore = taken === limit;
    }
  }

  private logFailure(topic: string, error: unknown): void {
    if (this.closed) return;
    const what = topic === '' ? 'reading the outbox failed' : `processing outbox topic '${topic}' failed`;
    this.logger.warn(topic, `${what}, will retry: ${String(error)}`);
  }
}
