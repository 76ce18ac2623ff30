import { setTimeout as sleep } from 'node:timers/promises';
import { settlesWithin } from '../../common/index.js';

const RETRY_MS = 50;

/** How a process finds out that it may believe the cache again. */
export interface QuarantineChecks {
  /** Whether the storage answers, and takes writes. */
  isWritable(): Promise<boolean>;
  /** Gives a question: has every evict that waits now been carried out? */
  snapshotPending(): Promise<() => Promise<boolean>>;
}

/**
 * Whether what the storage says may be believed. A process that has lost touch with it does not know what others have
 * failed to evict meanwhile; it leaves the cache aside until the storage answers, and every evict that waited at that
 * moment has been carried out, by whichever process.
 */
export class CacheQuarantine {
  private entries = 0;
  private ending: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly checks: QuarantineChecks) {}

  get holds(): boolean {
    return this.ending === undefined;
  }

  /** To be called at every sign that an evict, of this process or of another, may have failed. */
  enter(): void {
    this.entries += 1;
    this.ending ??= this.leave();
  }

  /** Fulfils when it holds again, or after so long. */
  async ended(timeoutMs: number): Promise<void> {
    if (this.ending !== undefined) await settlesWithin(this.ending, timeoutMs);
  }

  /** Stops trying: what does not hold by now will not again. */
  close(): void {
    this.closed = true;
  }

  private async leave(): Promise<void> {
    while (!this.closed) {
      const { entries: losses } = this;
      const isSettled = await this.snapshot();
      // Another loss meanwhile asks for another mark.
      while (isSettled !== undefined && losses === this.entries) {
        if (await isSettled().catch(() => false)) {
          if (losses !== this.entries) break;
          this.ending = undefined;
          return;
        }
        if (this.isClosed()) return;
        await sleep(RETRY_MS, undefined, { ref: false });
      }
      await sleep(RETRY_MS, undefined, { ref: false });
    }
  }

  private isClosed(): boolean {
    return this.closed;
  }

  private async snapshot(): Promise<(() => Promise<boolean>) | undefined> {
    try {
      return (await this.checks.isWritable()) ? await this.checks.snapshotPending() : undefined;
    } catch {
      return undefined;
    }
  }
}
