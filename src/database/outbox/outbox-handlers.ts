import { settlesWithin } from '../../common/index.js';

/** What a handler gets of a row. */
export interface OutboxRow {
  readonly payload: unknown;
}

/** Carries out what the rows of a topic ask for; when it rejects, the rows stay and are tried again. */
export type OutboxHandler = (rows: readonly OutboxRow[]) => Promise<void>;

/** Less than a transaction may be idle, and long enough for any handler that bounds its own waits. */
const TIMEOUT_MS = 5_000;

/** Who carries out what, in this process. */
export class OutboxHandlers {
  private readonly handlers = new Map<string, OutboxHandler>();
  private readonly late = new Map<string, number>();

  get topics(): string[] {
    return [...this.handlers.keys()];
  }

  set(topic: string, handler: OutboxHandler): void {
    if (this.handlers.has(topic)) throw new Error(`topic '${topic}' of the outbox has a handler already; keep one`);
    this.handlers.set(topic, handler);
  }

  /** Its handler has run out of time and still goes on: begun again beside itself it would be slower still. */
  isLate(topic: string): boolean {
    return (this.late.get(topic) ?? 0) > 0;
  }

  /** Has rows carried out; rejects when that fails, or takes more than five seconds. */
  async process(topic: string, rows: readonly OutboxRow[]): Promise<void> {
    const handler = this.handlers.get(topic);
    if (handler === undefined) throw new Error(`nobody carries out topic '${topic}' of the outbox in this process`);
    const work = handler(rows);
    if (await settlesWithin(work, TIMEOUT_MS)) return work;
    this.countLate(topic, 1);
    void work.catch(() => undefined).then(() => this.countLate(topic, -1));
    throw new Error(`no end after ${TIMEOUT_MS} ms`);
  }

  private countLate(topic: string, change: 1 | -1): void {
    this.late.set(topic, (this.late.get(topic) ?? 0) + change);
  }
}
