import { setTimeout as sleep } from 'node:timers/promises';
import { settlesWithin } from '../../common/index.js';

const RETRY_MS = 50;

/** Checks that decide when a quarantine ends. */
export interface QuarantineChecks {
  /** Whether the storage responds and accepts writes. */
  isWritable(): Promise<boolean>;
  /** Takes a snapshot of the pending evictions. The returned function reports whether all of them have been applied. */
  snapshotPending(): Promise<() => Promise<boolean>>;
}

/**
 * Quarantine of the cache. A process that has lost its connection to the storage does not know which evictions others
 * failed to apply meanwhile. It bypasses the cache until the storage responds and every eviction that was pending at
 * that moment has been applied, by any process.
 */
export class CacheQuarantine {
  private entries = 0;
  private ending: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly checks: QuarantineChecks) {}

  /** True while the cache must not be read. */
  get isActive(): boolean {
    return this.ending !== undefined;
  }

  /** Must be called at every sign that an eviction, of this process or of another, may have failed. */
  enter(): void {
    this.entries += 1;
    this.ending ??= this.leave();
  }

  /** Fulfils when the quarantine has ended, or after the timeout. */
  async ended(timeoutMs: number): Promise<void> {
    if (this.ending !== undefined) await settlesWithin(this.ending, timeoutMs);
  }

  /** Stops the checks: a quarantine that is active now will not end. */
  close(): void {
    this.closed = true;
  }

  private async leave(): Promise<void> {
    while (!this.closed) {
      const { entries } = this;
      const isSettled = await this.snapshot();
      // Another failure meanwhile requires a new snapshot.
      while (isSettled !== undefined && entries === this.entries) {
        if (await isSettled().catch(() => false)) {
          if (entries !== this.entries) break;
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
