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

  get topics(): string[] {
    return [...this.handlers.keys()];
  }

  set(topic: string, handler: OutboxHandler): void {
    if (this.handlers.has(topic)) throw new Error(`topic '${topic}' of the outbox has a handler already; keep one`);
    this.handlers.set(topic, handler);
  }

  /** Has rows carried out; rejects when that fails, or takes more than five seconds. */
  async carryOut(topic: string, rows: readonly OutboxRow[]): Promise<void> {
    const handler = this.handlers.get(topic);
    if (handler === undefined) throw new Error(`nobody carries out topic '${topic}' of the outbox in this process`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end after ${TIMEOUT_MS} ms`)), TIMEOUT_MS).unref();
    });
    await Promise.race([handler(rows), late]).finally(() => clearTimeout(timer));
  }
}
