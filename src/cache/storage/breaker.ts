const FAILURES_BEFORE_OPEN = 5;
const OPEN_MS = 1_000;

/** A command was not sent, since those before it failed. */
export class StorageAwayError extends Error {
  constructor() {
    super('the cache storage has failed several times and is left alone for a moment');
    this.name = 'StorageAwayError';
  }
}

/**
 * Spares callers the time limit of a server that does not answer: after five failures in a row all are refused at
 * once for a second, then one is let through to see.
 */
export class Breaker {
  private failures = 0;
  private openUntil = 0;
  private probing = false;

  /** Whether a call would be refused now. */
  get isOpen(): boolean {
    return this.failures >= FAILURES_BEFORE_OPEN && (this.probing || Date.now() < this.openUntil);
  }

  /** @throws StorageAwayError without calling `command` while open */
  async run<T>(command: () => Promise<T>): Promise<T> {
    if (this.isOpen) throw new StorageAwayError();
    this.probing = true;
    try {
      const result = await command();
      this.failures = 0;
      return result;
    } catch (error) {
      this.failures += 1;
      this.openUntil = Date.now() + OPEN_MS;
      throw error;
    } finally {
      this.probing = false;
    }
  }
}
