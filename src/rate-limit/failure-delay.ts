import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRedis, LuaScript, type RedisClient } from '../redis/index.js';
import { RateLimitedError } from './rate-limit.errors.js';

/** How the delay grows with each failure. */
export interface DelayRule {
  /** Failures without any delay. */
  readonly freeFailures: number;
  /** Attempts that may be under way at once while failures are still free; after that it is one at a time. */
  readonly maxConcurrent: number;
  /** Delay after the first failure that is not free; it doubles with each further one. */
  readonly firstMs: number;
  /** The delay never grows past this: nobody is locked out for longer than somebody keeps failing. */
  readonly maxMs: number;
  /** So long takes one failure to fade, one after the other, whatever else is attempted meanwhile. */
  readonly decayMs: number;
  /** An attempt that has not ended after this long is taken for lost, and holds up nobody any more. */
  readonly attemptTimeoutMs: number;
}

/** An attempt under way; exactly one of its methods is to be called when it is over. */
export interface Attempt {
  /** It failed: the next one may have to wait. */
  fail(): Promise<void>;
  /** It succeeded: all failures are forgotten. */
  succeed(): Promise<void>;
  /** It does not count: somebody else's failures are not to be forgotten, or something of ours went wrong. */
  cancel(): Promise<void>;
}

const INPUT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local attempt, rule = ARGV[1], cjson.decode(ARGV[2])
local function left(fadedAt) return math.ceil(math.max(fadedAt - now, 0) / rule.decayMs) end
`;

/**
 * Begins an attempt. Once the free failures are used up, of attempts made at the same time only one gets through.
 *
 * - KEYS: 1 hash: `fadedAt`, when the last failure will have faded, and `blockedUntil`; 2 sorted set of the attempts
 *   under way, by the time when each is taken for lost; all in ms since 1970
 * - ARGV: 1 a name for the attempt, 2 JSON of the rule
 * - returns milliseconds until an attempt may begin, or 0 if it has begun
 */
const BEGIN = new LuaScript(`${INPUT}
local state = redis.call('HMGET', KEYS[1], 'fadedAt', 'blockedUntil')
local fadedAt, blockedUntil = tonumber(state[1] or 0), tonumber(state[2] or 0)
if now < blockedUntil then return blockedUntil - now end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local atOnce = left(fadedAt) < rule.freeFailures and rule.maxConcurrent or 1
if redis.call('ZCARD', KEYS[2]) >= atOnce then return rule.firstMs end
redis.call('ZADD', KEYS[2], now + rule.attemptTimeoutMs, attempt)
redis.call('PEXPIRE', KEYS[2], rule.attemptTimeoutMs)
return 0
`);

/**
 * Counts an attempt as failed, and blocks the next one for a while.
 *
 * - KEYS and ARGV 1 and 2: as above; ARGV: 3 failures that make the delay longest: no more are remembered
 */
const FAIL = new LuaScript(`${INPUT}
redis.call('ZREM', KEYS[2], attempt)
local fadedAt = math.max(tonumber(redis.call('HGET', KEYS[1], 'fadedAt') or 0), now) + rule.decayMs
fadedAt = math.min(fadedAt, now + ARGV[3] * rule.decayMs)
redis.call('HSET', KEYS[1], 'fadedAt', fadedAt)
local doublings = left(fadedAt) - rule.freeFailures - 1
if doublings >= 0 then
  redis.call('HSET', KEYS[1], 'blockedUntil', now + math.min(rule.firstMs * 2 ^ doublings, rule.maxMs))
end
redis.call('PEXPIREAT', KEYS[1], fadedAt + rule.maxMs)
return 0
`);

/**
 * Slows down whoever keeps failing, for instance at guessing a password. Counted in the durable Redis, over all
 * instances; rejects when it is away.
 */
@Injectable()
export class FailureDelay {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /**
   * Begins an attempt.
   * @param name of what is attempted, such as `login-account`
   * @param subject who or what is attempted
   * @throws RateLimitedError with the true time until the next attempt may be made; while it is for attempts under way
   * to tell, with the first delay
   */
  async begin(name: string, subject: string, rule: DelayRule): Promise<Attempt> {
    const [failures, attempts] = [`failures:${name}:{${subject}}`, `attempts:${name}:{${subject}}`];
    const [keys, attempt] = [[failures, attempts], randomUUID()];
    const args = [attempt, JSON.stringify(rule)];
    const waitMs = Number(await BEGIN.run(this.redis, keys, args));
    if (waitMs > 0) throw new RateLimitedError(waitMs);
    return {
      fail: async () => {
        await FAIL.run(this.redis, keys, [...args, mostFailures(rule)]);
      },
      succeed: async () => {
        await Promise.all([this.redis.del(failures), this.redis.zrem(attempts, attempt)]);
      },
      cancel: async () => {
        await this.redis.zrem(attempts, attempt);
      },
    };
  }
}

function mostFailures({ freeFailures: free, firstMs, maxMs }: DelayRule): number {
  return free + 1 + Math.ceil(Math.log2(maxMs / firstMs));
}
