import { AsyncLocalStorage } from 'node:async_hooks';
import type { RedisClient } from '../redis/index.js';
import { LockLostError } from './locks.errors.js';
import { RELEASE_LOCK } from './scripts/release-lock.script.js';
import { RENEW_LOCK } from './scripts/renew-lock.script.js';

/** What the work under a lock may use. */
export interface LockHandle {
  /**
   * Greater than that of every holder before, unless the clock of Redis steps back and its keys are lost; for
   * `Fences.pass` in the transaction that writes.
   */
  readonly fence: number;
  /** Aborts once somebody else may have the lock. */
  readonly signal: AbortSignal;
}

/** The innermost lock under which something runs. */
export const holding = new AsyncLocalStorage<LockHandle>();

/**
 * The hold on the innermost lock, from anywhere in the work under it.
 * @throws Error outside any lock
 */
export function currentLock(): LockHandle {
  const hold = holding.getStore();
  if (hold === undefined) throw new Error('there is no lock here; call it from the work of Locks.run or @Locked');
  return hold;
}

/** How a lock was taken. */
export interface Taken {
  readonly name: string;
  readonly key: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly fence: number;
  /** `performance.now()` from before it was asked for: Redis began to count later. */
  readonly askedAt: number;
}

/** Renewed so often in its time to live: two renewals may fail. */
const RENEWALS = 3;

/**
 * A lock while it is held: renewed until it is given back. Its holder takes it for lost when its time is over by its
 * own monotonic clock, whatever Redis says: no step of a clock makes it valid for longer. A process that was paused may
 * go on for a moment before it is told: only the fencing number keeps such a one from writing.
 */
export class HeldLock implements LockHandle {
  private readonly lost = new AbortController();
  private validUntil: number;
  private timer: NodeJS.Timeout | undefined;
  private isReleased = false;

  constructor(
    private readonly redis: RedisClient,
    private readonly taken: Taken,
  ) {
    this.validUntil = taken.askedAt + taken.ttlMs;
    this.renewLater();
  }

  get fence(): number {
    return this.taken.fence;
  }

  get signal(): AbortSignal {
    this.loseIfOver();
    return this.lost.signal;
  }

  /** Gives it back; that this fails is no harm, its time ends it. */
  async release(): Promise<void> {
    this.isReleased = true;
    clearTimeout(this.timer);
    const { key, owner } = this.taken;
    await RELEASE_LOCK.run(this.redis, [key], [owner]).catch(() => undefined);
  }

  private renewLater(): void {
    const restMs = Math.max(0, this.validUntil - performance.now());
    const delayMs = Math.min(this.taken.ttlMs / RENEWALS, restMs);
    this.timer = setTimeout(() => void this.renew(), delayMs).unref();
  }

  private async renew(): Promise<void> {
    if (this.loseIfOver()) return;
    const { key, owner, ttlMs } = this.taken;
    const askedAt = performance.now();
    try {
      const isOurs = (await RENEW_LOCK.run(this.redis, [key], [owner, ttlMs])) === 1;
      if (this.isReleased) return;
      if (isOurs) this.validUntil = askedAt + ttlMs;
      else this.lose(new Error('somebody else has it, or Redis has forgotten it'));
    } catch {
      // It is ours until its time is over; there is time to ask again.
    }
    if (!this.isReleased && !this.lost.signal.aborted) this.renewLater();
  }

  private loseIfOver(): boolean {
    if (performance.now() >= this.validUntil) this.lose(new Error('its time was over before it could be renewed'));
    return this.lost.signal.aborted;
  }

  private lose(cause: unknown): void {
    clearTimeout(this.timer);
    if (!this.lost.signal.aborted) this.lost.abort(new LockLostError(this.taken.name, cause));
  }
}
