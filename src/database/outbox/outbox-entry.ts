/** A row of the outbox. */
export class OutboxEntry {
  /** Undefined until the row is inserted: just before the commit, or at once without a transaction. */
  id: string | undefined;

  constructor(
    readonly topic: string,
    readonly payload: unknown,
  ) {}
}
