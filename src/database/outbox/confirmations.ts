import { settlesWithin } from '../../common/index.js';

const FLUSH_AFTER_MS = 25;
const IDS_PER_STATEMENT = 1_000;
const FLUSH_TIMEOUT_MS = 500;
/** Maximum number of queued ids; rows of further ones are left to the relay, which processes them once more. */
const REMEMBERED_AT_MOST = 100_000;

/**
 * Collects ids of processed rows and deletes many per statement, one statement at a time. No caller waits for it. Ids
 * whose deletion fails are dropped, since the relay will process their rows again.
 */
export class Confirmations {
  private waiting: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing = Promise.resolve();

  constructor(private readonly deleteRows: (ids: readonly string[]) => Promise<void>) {}

  add(ids: readonly string[]): void {
    if (this.waiting.length + ids.length > REMEMBERED_AT_MOST) return;
    for (const id of ids) this.waiting.push(id);
    this.timer ??= setTimeout(() => this.begin(), FLUSH_AFTER_MS).unref();
  }

  /** Deletes all ids added so far; gives up after half a second. */
  async flush(): Promise<void> {
    this.begin();
    await settlesWithin(this.flushing, FLUSH_TIMEOUT_MS);
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = this.flushing.then(() => this.deleteAll());
  }

  private async deleteAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const ids = this.waiting.splice(0, IDS_PER_STATEMENT);
      await this.deleteRows(ids).catch(() => undefined);
    }
  }
}
