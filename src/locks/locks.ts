import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { durationMs, type Duration } from '../config/index.js';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import { HeldLock, holding, type LockHandle, type Taken } from './held-lock.js';
import { LockBusyError } from './locks.errors.js';
import { ACQUIRE_LOCK } from './scripts/acquire-lock.script.js';
import { RELEASE_LOCK } from './scripts/release-lock.script.js';

/** How a lock is taken. */
export interface LockOptions {
  /** How long it stays taken when its holder dies; it is renewed while the work runs. */
  readonly ttl: Duration;
  /** How long to wait for a holder; 0, the default, not at all. */
  readonly wait?: Duration;
}

const NAME = /^[\w.:-]{1,100}$/;
const NAMES = 'use 1 to 100 letters, digits or _ . : -';
const RETRY_MIN_MS = 20;
const RETRY_MAX_MS = 200;
/** Longer than any holder can be away and come back. */
const FENCE_LIFE_MS = 86_400_000;

/**
 * Locks that hold over all processes, in the durable Redis.
 *
 * What a lock on one Redis does not promise: that there never are two who think that they hold it. A holder that is
 * stopped for longer than `ttl`, or a failover that loses the lock, makes a second one. So whoever writes passes the
 * fencing number on (`Fences.pass`): the row then refuses the one that came before.
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
   * Runs the work while nobody else runs work under that name.
   * @param name letters, digits, `_`, `.`, `:` and `-`, at most 100
   * @throws LockBusyError when it was not free in time; LockLostError when it was lost before the work had ended, once
   * that has; what the work throws
   */
  async run<T>(name: string, { ttl, wait = 0 }: LockOptions, work: (hold: LockHandle) => Promise<T>): Promise<T> {
    if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} names no lock; ${NAMES}`);
    const lock = await this.take(name, durationMs('ttl', ttl), durationMs('wait', wait, 0));
    try {
      const result = await holding.run(lock, work, lock);
      lock.signal.throwIfAborted();
      return result;
    } finally {
      await lock.release();
    }
  }

  private async take(name: string, ttlMs: number, waitMs: number): Promise<HeldLock> {
    const deadline = performance.now() + waitMs;
    const [key, owner] = [`lock:{${name}}`, randomUUID()];
    for (;;) {
      const askedAt = performance.now();
      const args = [owner, ttlMs, FENCE_LIFE_MS] as const;
      const [fence, leftMs] = (await this.acquire(key, args)) as [string, number];
      const taken: Taken = { name, key, owner, ttlMs, fence: Number(fence), askedAt };
      if (taken.fence > 0) return new HeldLock(this.redis, taken);
      const restMs = deadline - performance.now();
      if (restMs <= 0) throw new LockBusyError(name, waitMs);
      // By chance, so that those who wait do not come back together.
      const delayMs = randomInt(RETRY_MIN_MS, Math.max(RETRY_MIN_MS + 1, Math.min(leftMs, RETRY_MAX_MS)));
      await sleep(Math.min(delayMs, restMs));
    }
  }

  /** Without an answer the lock may have been taken all the same: it is given back, or else ends with its time. */
  private async acquire(key: string, [owner, ...lives]: readonly [string, number, number]): Promise<unknown> {
    try {
      return await ACQUIRE_LOCK.run(this.redis, [key, `${key}:fence`], [owner, ...lives]);
    } catch (error) {
      void RELEASE_LOCK.run(this.redis, [key], [owner]).catch(() => undefined);
      throw error;
    }
  }
}
