import { settlesWithin } from '../../common/index.js';

/** A row as passed to a handler. */
export interface OutboxRow {
  readonly payload: unknown;
}

/** Processes rows of a topic; if it rejects, the rows stay in the outbox and will be retried. */
export type OutboxHandler = (rows: readonly OutboxRow[]) => Promise<void>;

/**
 * Handler timeout: shorter than a transaction may be idle, and long enough for any handler that bounds its own waits.
 */
const TIMEOUT_MS = 5_000;

/** The outbox handlers of this process, by topic. */
export class OutboxHandlers {
  private readonly handlers = new Map<string, OutboxHandler>();
  private readonly overdueRuns = new Map<string, number>();

  get topics(): string[] {
    return [...this.handlers.keys()];
  }

  set(topic: string, handler: OutboxHandler): void {
    if (this.handlers.has(topic)) throw new Error(`outbox topic '${topic}' already has a handler; keep one`);
    this.handlers.set(topic, handler);
  }

  /** True while a timed-out handler is still running; do not start it again meanwhile: it would be slower still. */
  isOverdue(topic: string): boolean {
    return (this.overdueRuns.get(topic) ?? 0) > 0;
  }

  /** Passes rows to the handler of their topic; rejects if it fails, or takes more than five seconds. */
  async process(topic: string, rows: readonly OutboxRow[]): Promise<void> {
    const handler = this.handlers.get(topic);
    if (handler === undefined) throw new Error(`no handler registered for outbox topic '${topic}'`);
    const work = handler(rows);
    if (await settlesWithin(work, TIMEOUT_MS)) return work;
    this.countOverdue(topic, 1);
    void work.catch(() => undefined).then(() => this.countOverdue(topic, -1));
    throw new Error(`the handler timed out after ${TIMEOUT_MS} ms`);
  }

  private countOverdue(topic: string, change: 1 | -1): void {
    this.overdueRuns.set(topic, (this.overdueRuns.get(topic) ?? 0) + change);
  }
}
