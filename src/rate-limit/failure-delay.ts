import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRedis, LuaScript, type RedisClient } from '../redis/index.js';
import { RateLimitedError } from './rate-limit.errors.js';

/** Parameters of the exponential delay after failures. */
export interface DelayRule {
  /** Number of failures without a delay. */
  readonly freeFailures: number;
  /** Concurrent attempts while free failures remain; afterwards one at a time. */
  readonly maxConcurrent: number;
  /** Delay after the first failure that is not free; doubles with each further failure. */
  readonly firstMs: number;
  /** Maximum delay; bounds a lockout, which therefore lasts no longer than the failures continue. */
  readonly maxMs: number;
  /** Decay time per failure; failures decay one after another, regardless of other attempts. */
  readonly decayMs: number;
  /** Timeout of an attempt in progress; afterwards it is considered lost and no longer blocks others. */
  readonly attemptTimeoutMs: number;
}

/** An attempt in progress; call exactly one of its methods when it ends. */
export interface Attempt {
  /** Records a failure; the next attempt may be delayed. */
  fail(): Promise<void>;
  /** Records a success; resets all failures. */
  succeed(): Promise<void>;
  /** Ends the attempt without counting it: failures of others must not be reset, or an internal error occurred. */
  cancel(): Promise<void>;
}

const INPUT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local attempt, rule = ARGV[1], cjson.decode(ARGV[2])
local function remainingFailures(fadedAt) return math.ceil(math.max(fadedAt - now, 0) / rule.decayMs) end
`;

/**
 * Begins an attempt. Once the free failures are used up, only one of several concurrent attempts is admitted.
 *
 * - KEYS: 1 hash: `fadedAt`, the time at which the last failure will have decayed, and `blockedUntil`; 2 sorted set of
 *   the attempts in progress, by the time at which each times out; all in ms since 1970
 * - ARGV: 1 unique id of the attempt, 2 JSON of the rule
 * - returns milliseconds until an attempt may begin, or 0 if it has begun
 */
const BEGIN = new LuaScript(`${INPUT}
local state = redis.call('HMGET', KEYS[1], 'fadedAt', 'blockedUntil')
local fadedAt, blockedUntil = tonumber(state[1] or 0), tonumber(state[2] or 0)
if now < blockedUntil then return blockedUntil - now end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local maxConcurrent = remainingFailures(fadedAt) < rule.freeFailures and rule.maxConcurrent or 1
if redis.call('ZCARD', KEYS[2]) >= maxConcurrent then return rule.firstMs end
redis.call('ZADD', KEYS[2], now + rule.attemptTimeoutMs, attempt)
redis.call('PEXPIRE', KEYS[2], rule.attemptTimeoutMs)
return 0
`);

/**
 * Counts an attempt as failed, and delays the next one once the free failures are used up.
 *
 * - KEYS and ARGV 1 and 2: as above; ARGV: 3 number of failures at which the delay is longest: no more are stored
 */
const FAIL = new LuaScript(`${INPUT}
redis.call('ZREM', KEYS[2], attempt)
local fadedAt = math.max(tonumber(redis.call('HGET', KEYS[1], 'fadedAt') or 0), now) + rule.decayMs
fadedAt = math.min(fadedAt, now + ARGV[3] * rule.decayMs)
redis.call('HSET', KEYS[1], 'fadedAt', fadedAt)
local doublings = remainingFailures(fadedAt) - rule.freeFailures - 1
if doublings >= 0 then
  redis.call('HSET', KEYS[1], 'blockedUntil', now + math.min(rule.firstMs * 2 ^ doublings, rule.maxMs))
end
redis.call('PEXPIREAT', KEYS[1], fadedAt + rule.maxMs)
return 0
`);

/**
 * Exponential delay after repeated failures, for instance of guessing a password. Counted in the durable Redis, across
 * all instances; rejects when it is unavailable.
 */
@Injectable()
export class FailureDelay {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /**
   * Begins an attempt.
   * @param name of the counter, such as `login-account`
   * @param subject key of the counter, such as a user id or an address
   * @throws RateLimitedError with the exact time until the next attempt may be made; with `firstMs` while that depends
   * on the attempts in progress
   */
  async begin(name: string, subject: string, rule: DelayRule): Promise<Attempt> {
    const [failures, attempts] = [`failures:${name}:{${subject}}`, `attempts:${name}:{${subject}}`];
    const [keys, attempt] = [[failures, attempts], randomUUID()];
    const args = [attempt, JSON.stringify(rule)];
    const waitMs = Number(await BEGIN.run(this.redis, keys, args));
    if (waitMs > 0) throw new RateLimitedError(waitMs);
    return {
      fail: async () => {
        await FAIL.run(this.redis, keys, [...args, maxFailures(rule)]);
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

function maxFailures({ freeFailures, firstMs, maxMs }: DelayRule): number {
  return freeFailures + 1 + Math.ceil(Math.log2(maxMs / firstMs));
}
