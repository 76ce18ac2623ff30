/** Something written to the outbox. */
export class OutboxEntry {
  /** Undefined until the transaction has ended. */
  id: string | undefined;

  constructor(
    readonly topic: string,
    readonly payload: unknown,
  ) {}
}
