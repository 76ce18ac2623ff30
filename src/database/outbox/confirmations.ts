import { settlesWithin } from '../../common/index.js';

const FLUSH_DELAY_MS = 25;
const IDS_PER_STATEMENT = 1_000;
const FLUSH_TIMEOUT_MS = 500;
/** Maximum number of queued ids; rows of further ones are left to the relay, which processes them once more. */
const MAX_QUEUED = 100_000;

/**
 * Collects ids of processed rows and deletes many per statement, one statement at a time. No caller waits for it. Ids
 * whose deletion fails are dropped, since the relay will process their rows again.
 */
export class Confirmations {
  private queued: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing = Promise.resolve();

  constructor(private readonly deleteRows: (ids: readonly string[]) => Promise<void>) {}

  add(ids: readonly string[]): void {
    if (this.queued.length + ids.length > MAX_QUEUED) return;
    for (const id of ids) this.queued.push(id);
    this.timer ??= setTimeout(() => this.startFlush(), FLUSH_DELAY_MS).unref();
  }

  /** Deletes all ids added so far; gives up after half a second. */
  async flush(): Promise<void> {
    this.startFlush();
    await settlesWithin(this.flushing, FLUSH_TIMEOUT_MS);
  }

  private startFlush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = this.flushing.then(() => this.deleteAll());
  }

  private async deleteAll(): Promise<void> {
    while (this.queued.length > 0) {
      const ids = this.queued.splice(0, IDS_PER_STATEMENT);
      await this.deleteRows(ids).catch(() => undefined);
    }
  }
}
