import { setTimeout as sleep } from 'node:timers/promises';
import { settlesWithin } from '../../common/index.js';

const RETRY_MS = 50;

/** How a process finds out that it may believe the cache again. */
export interface TrustChecks {
  /** Whether the storage answers, and takes writes. */
  ask(): Promise<boolean>;
  /** Gives a question: has every evict that waits now been carried out? */
  markWaiting(): Promise<() => Promise<boolean>>;
}

/**
 * Whether what the storage says may be believed. A process that has lost touch with it does not know what others have
 * failed to evict meanwhile; it leaves the cache aside until the storage answers, and every evict that waited at that
 * moment has been carried out, by whichever process.
 */
export class Trust {
  private losses = 0;
  private regaining: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly checks: TrustChecks) {}

  get holds(): boolean {
    return this.regaining === undefined;
  }

  /** To be called at every sign that an evict, of this process or of another, may have failed. */
  lose(): void {
    this.losses += 1;
    this.regaining ??= this.regain();
  }

  /** Fulfils when it holds again, or after so long. */
  async regained(timeoutMs: number): Promise<void> {
    if (this.regaining !== undefined) await settlesWithin(this.regaining, timeoutMs);
  }

  /** Stops trying: what does not hold by now will not again. */
  close(): void {
    this.closed = true;
  }

  private async regain(): Promise<void> {
    while (!this.closed) {
      const { losses } = this;
      const isSettled = await this.mark();
      // Another loss meanwhile asks for another mark.
      while (isSettled !== undefined && losses === this.losses) {
        if (await isSettled().catch(() => false)) {
          if (losses !== this.losses) break;
          this.regaining = undefined;
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

  private async mark(): Promise<(() => Promise<boolean>) | undefined> {
    try {
      return (await this.checks.ask()) ? await this.checks.markWaiting() : undefined;
    } catch {
      return undefined;
    }
  }
}
