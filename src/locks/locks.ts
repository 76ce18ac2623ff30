import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { durationMs, type Duration } from '../config/index.js';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import { HeldLock, lockContext, type AcquiredLock, type LockHandle } from './held-lock.js';
import { LockBusyError } from './locks.errors.js';
import { ACQUIRE_LOCK } from './scripts/acquire-lock.script.js';
import { RELEASE_LOCK } from './scripts/release-lock.script.js';

/** Options of an acquisition. */
export interface LockOptions {
  /** Expiration of the lock if its holder dies; it is renewed while the work runs. */
  readonly ttl: Duration;
  /** Maximum wait for another holder; default: 0, no wait. */
  readonly wait?: Duration;
}

const NAME = /^[\w.:-]{1,100}$/;
const NAME_RULE = 'use 1 to 100 letters, digits or _ . : -';
const RETRY_MIN_MS = 20;
const RETRY_MAX_MS = 200;
/** TTL of the last fencing token (one day): longer than any holder can be paused and resume. */
const FENCE_TTL_MS = 86_400_000;

/**
 * Distributed locks in the durable Redis.
 *
 * A lock on one Redis does not guarantee that only one process considers itself the holder: if a holder is paused for
 * longer than `ttl`, or a failover loses the lock, there is a second one. Writers therefore pass the fencing token to
 * `FencingTokens.assertCurrent`, which rejects an earlier holder once a later one has passed its token.
 *
 * @example
 * `await this.locks.run('views', { ttl: '10s', wait: '5s' }, async ({ fence, signal }) => {`
 * `  for (const batch of batches) { signal.throwIfAborted(); await this.write(batch, fence); }`
 * `});`
 */
@Injectable()
export class Locks {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /**
   * Runs the work while no other work under that name runs.
   * @param name letters, digits, `_`, `.`, `:` and `-`, at most 100
   * @throws LockBusyError if the lock was not free in time; LockLostError, after the work has ended, if the lock was
   * lost before that; errors of the work
   */
  async run<T>(name: string, { ttl, wait = 0 }: LockOptions, work: (lock: LockHandle) => Promise<T>): Promise<T> {
    if (!NAME.test(name)) throw new RangeError(`invalid lock name ${JSON.stringify(name)}; ${NAME_RULE}`);
    const lock = await this.acquire(name, durationMs('ttl', ttl), durationMs('wait', wait, 0));
    try {
      const result = await lockContext.run(lock, work, lock);
      lock.signal.throwIfAborted();
      return result;
    } finally {
      await lock.release();
    }
  }

  private async acquire(name: string, ttlMs: number, waitMs: number): Promise<HeldLock> {
    const deadline = performance.now() + waitMs;
    const [key, owner] = [`lock:{${name}}`, randomUUID()];
    for (;;) {
      const requestedAt = performance.now();
      const args = [owner, ttlMs, FENCE_TTL_MS] as const;
      const [fence, ttlLeftMs] = (await this.tryAcquire(key, args)) as [string, number];
      const acquired: AcquiredLock = { name, key, owner, ttlMs, fence: Number(fence), requestedAt };
      if (acquired.fence > 0) return new HeldLock(this.redis, acquired);
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0) throw new LockBusyError(name, waitMs);
      // A random delay, so that waiting callers do not retry at the same time.
      const delayMs = randomInt(RETRY_MIN_MS, Math.max(RETRY_MIN_MS + 1, Math.min(ttlLeftMs, RETRY_MAX_MS)));
      await sleep(Math.min(delayMs, remainingMs));
    }
  }

  /** If the reply is lost, the lock may have been acquired all the same: it is released, or else expires. */
  private async tryAcquire(key: string, [owner, ...ttls]: readonly [string, number, number]): Promise<unknown> {
    try {
      return await ACQUIRE_LOCK.run(this.redis, [key, `${key}:fence`], [owner, ...ttls]);
    } catch (error) {
      void RELEASE_LOCK.run(this.redis, [key], [owner]).catch(() => undefined);
      throw error;
    }
  }
}
