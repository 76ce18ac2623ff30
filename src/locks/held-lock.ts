import { AsyncLocalStorage } from 'node:async_hooks';
import type { RedisClient } from '../redis/index.js';
import { LockLostError } from './locks.errors.js';
import { RELEASE_LOCK } from './scripts/release-lock.script.js';
import { RENEW_LOCK } from './scripts/renew-lock.script.js';

/** The handle of a held lock, passed to the work under it. */
export interface LockHandle {
  /**
   * Fencing token: greater than that of every previous holder, unless the clock of Redis steps back and its keys are
   * lost. To be passed to `FencingTokens.assertCurrent` in the transaction that writes.
   */
  readonly fence: number;
  /** Aborts once another holder may have the lock. */
  readonly signal: AbortSignal;
}

/** The innermost lock held by the current asynchronous context. */
export const lockContext = new AsyncLocalStorage<LockHandle>();

/**
 * Returns the handle of the innermost lock, anywhere in the work under it.
 * @throws Error outside any lock
 */
export function currentLock(): LockHandle {
  const lock = lockContext.getStore();
  if (lock === undefined) throw new Error('no lock is held; call this within Locks.run or @Locked');
  return lock;
}

/** An acquired lock. */
export interface AcquiredLock {
  readonly name: string;
  readonly key: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly fence: number;
  /** `performance.now()` before the request was sent; the TTL in Redis starts later. */
  readonly requestedAt: number;
}

/** Renewals per TTL: two of them may fail. */
const RENEWALS = 3;

/**
 * A lock while it is held: renewed until it is released. The holder considers it lost when its TTL has passed by the
 * process's own monotonic clock, whatever Redis replies: no step of a clock prolongs it. A process that was paused may
 * continue for a moment before it is notified: only the fencing token prevents its writes.
 */
export class HeldLock implements LockHandle {
  private readonly lost = new AbortController();
  private validUntil: number;
  private timer: NodeJS.Timeout | undefined;
  private isReleased = false;

  constructor(
    private readonly redis: RedisClient,
    private readonly acquired: AcquiredLock,
  ) {
    this.validUntil = acquired.requestedAt + acquired.ttlMs;
    this.renewLater();
  }

  get fence(): number {
    return this.acquired.fence;
  }

  get signal(): AbortSignal {
    this.loseIfExpired();
    return this.lost.signal;
  }

  /** Releases the lock; a failure is harmless, since the lock expires. */
  async release(): Promise<void> {
    this.isReleased = true;
    clearTimeout(this.timer);
    const { key, owner } = this.acquired;
    await RELEASE_LOCK.run(this.redis, [key], [owner]).catch(() => undefined);
  }

  private renewLater(): void {
    const remainingMs = Math.max(0, this.validUntil - performance.now());
    const delayMs = Math.min(this.acquired.ttlMs / RENEWALS, remainingMs);
    this.timer = setTimeout(() => void this.renew(), delayMs).unref();
  }

  private async renew(): Promise<void> {
    if (this.loseIfExpired()) return;
    const { key, owner, ttlMs } = this.acquired;
    const requestedAt = performance.now();
    try {
      const isOwner = (await RENEW_LOCK.run(this.redis, [key], [owner, ttlMs])) === 1;
      if (this.isReleased) return;
      if (isOwner) this.validUntil = requestedAt + ttlMs;
      else this.lose(new Error('it has another owner, or Redis lost it'));
    } catch {
      // The lock is valid until its TTL has passed; there is time to retry.
    }
    if (!this.isReleased && !this.lost.signal.aborted) this.renewLater();
  }

  private loseIfExpired(): boolean {
    if (performance.now() >= this.validUntil) this.lose(new Error('it expired before it was renewed'));
    return this.lost.signal.aborted;
  }

  private lose(cause: unknown): void {
    clearTimeout(this.timer);
    if (!this.lost.signal.aborted) this.lost.abort(new LockLostError(this.acquired.name, cause));
  }
}
