import { Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { InjectRedis, LuaScript } from '../redis/index.js';
import { RateLimitedError } from './rate-limit.errors.js';

/** How the delay grows with each failure. */
export interface DelayRule {
  /** Failures without any delay. */
  readonly free: number;
  /** Delay after the first failure that is not free; it doubles with each further one. */
  readonly firstMs: number;
  /** The delay never grows past this: nobody is locked out for good. */
  readonly maxMs: number;
  /** Failures are forgotten this long after the last attempt. */
  readonly forgetMs: number;
}

/** An attempt that counts as failed until it is taken back. */
export interface Attempt {
  /** Uncounts this attempt: it succeeded, or it was not the caller's fault that it did not. */
  takeBack(): Promise<void>;
  /** Forgets this attempt and all failures before it. */
  forgive(): Promise<void>;
}

/**
 * Begins an attempt and counts it as a failure at once, so that attempts made at the same time cannot slip through
 * before the first of them has failed.
 *
 * - KEYS: 1 hash: `failures`, `blockedUntil` (ms since 1970)
 * - ARGV: 1 free failures, 2 first delay (ms), 3 longest delay (ms), 4 when failures are forgotten (ms)
 * - returns {milliseconds until the attempt may be made or 0 if now, `blockedUntil` that this attempt has set or 0}
 */
const BEGIN = new LuaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local blockedUntil = tonumber(redis.call('HGET', KEYS[1], 'blockedUntil') or 0)
if now < blockedUntil then return {blockedUntil - now, 0} end
local over = redis.call('HINCRBY', KEYS[1], 'failures', 1) - ARGV[1]
blockedUntil = 0
if over > 0 then
  blockedUntil = now + math.min(ARGV[2] * 2 ^ math.min(over - 1, 40), tonumber(ARGV[3]))
  redis.call('HSET', KEYS[1], 'blockedUntil', blockedUntil)
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {0, blockedUntil}
`);

/**
 * Takes one failure back, and lifts the block if this very attempt had set it.
 *
 * - KEYS: 1 as above
 * - ARGV: 1 `blockedUntil` that the attempt has set, or 0
 */
const TAKE_BACK = new LuaScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HGET', KEYS[1], 'blockedUntil') == ARGV[1] then redis.call('HDEL', KEYS[1], 'blockedUntil') end
if redis.call('HINCRBY', KEYS[1], 'failures', -1) <= 0 then redis.call('DEL', KEYS[1]) end
return 0
`);

/**
 * Slows down whoever keeps failing, for instance at guessing a password. Counted in the durable Redis, over all
 * instances; rejects when it is away.
 */
@Injectable()
export class FailureDelay {
  constructor(@InjectRedis('store') private readonly redis: Redis) {}

  /**
   * Begins an attempt.
   * @param name of what is attempted, such as `login-account`
   * @param subject who or what is attempted
   * @throws RateLimitedError with the true time until the next attempt may be made
   */
  async begin(name: string, subject: string, rule: DelayRule): Promise<Attempt> {
    const key = `failures:${name}:{${subject}}`;
    const reply = await BEGIN.run(this.redis, [key], [rule.free, rule.firstMs, rule.maxMs, rule.forgetMs]);
    const [waitMs, blockedUntil] = reply as [number, number];
    if (waitMs > 0) throw new RateLimitedError(waitMs);
    return {
      takeBack: async () => {
        await TAKE_BACK.run(this.redis, [key], [blockedUntil]);
      },
      forgive: async () => {
        await this.redis.del(key);
      },
    };
  }
}
