import { Injectable } from '@nestjs/common';
import { InjectRedis, LuaScript, type RedisClient } from '../redis/index.js';
import { RateLimitedError } from './rate-limit.errors.js';

/** How the delay grows with each failure. */
export interface DelayRule {
  /** Failures without any delay. */
  readonly free: number;
  /** Attempts that may be under way at once while failures are still free; after that it is one at a time. */
  readonly burst: number;
  /** Delay after the first failure that is not free; it doubles with each further one. */
  readonly firstMs: number;
  /** The delay never grows past this: nobody is locked out for good. */
  readonly maxMs: number;
  /** Failures are forgotten this long after the last attempt. */
  readonly forgetMs: number;
}

/** An attempt under way; exactly one of its methods is to be called when it is over. */
export interface Attempt {
  /** It failed: the next one may have to wait. */
  failed(): Promise<void>;
  /** It succeeded: all failures are forgotten. */
  forgive(): Promise<void>;
  /** It does not count: somebody else's failures are not to be forgotten, or something of ours went wrong. */
  takeBack(): Promise<void>;
}

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function delay(failures)
  local doublings = math.min(math.max(failures - 1 - ARGV[1], 0), 40)
  return math.min(ARGV[3] * 2 ^ doublings, tonumber(ARGV[4]))
end
`;

/**
 * Begins an attempt. Once the free failures are used up, the block of the next failure is set at once, so that of
 * attempts made at the same time only one gets through.
 *
 * - KEYS: 1 hash: `failures`, `pending` (attempts under way while failures were free), `blockedUntil` (ms since 1970)
 * - ARGV: 1 free failures, 2 burst, 3 first delay (ms), 4 longest delay (ms), 5 when failures are forgotten (ms)
 * - returns {milliseconds until an attempt may begin or 0 if it has begun, `blockedUntil` that it has set or 0}
 */
const BEGIN = new LuaScript(`${NOW}
local state = redis.call('HMGET', KEYS[1], 'failures', 'pending', 'blockedUntil')
local failures, pending, blockedUntil = tonumber(state[1] or 0), tonumber(state[2] or 0), tonumber(state[3] or 0)
if now < blockedUntil then return {blockedUntil - now, 0} end
if failures < tonumber(ARGV[1]) then
  if pending >= tonumber(ARGV[2]) then return {tonumber(ARGV[3]), 0} end
  redis.call('HINCRBY', KEYS[1], 'pending', 1)
  blockedUntil = 0
else
  blockedUntil = now + delay(failures + 1)
  redis.call('HSET', KEYS[1], 'blockedUntil', blockedUntil)
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {0, blockedUntil}
`);

/**
 * Counts an attempt as failed.
 *
 * - KEYS and ARGV 1 to 5: as above; ARGV: 6 `blockedUntil` that the attempt has set, or 0 if it was pending
 */
const FAIL = new LuaScript(`${NOW}
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
if ARGV[6] == '0' then
  if redis.call('HINCRBY', KEYS[1], 'pending', -1) < 0 then redis.call('HSET', KEYS[1], 'pending', 0) end
  if failures > tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'blockedUntil', now + delay(failures)) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 0
`);

/**
 * Undoes what the beginning of an attempt has set.
 *
 * - KEYS: 1 as above
 * - ARGV: 1 `blockedUntil` that the attempt has set, or 0 if it was pending
 */
const TAKE_BACK = new LuaScript(`
if ARGV[1] ~= '0' then
  if redis.call('HGET', KEYS[1], 'blockedUntil') == ARGV[1] then redis.call('HDEL', KEYS[1], 'blockedUntil') end
elseif tonumber(redis.call('HGET', KEYS[1], 'pending') or 0) > 0 then
  redis.call('HINCRBY', KEYS[1], 'pending', -1)
end
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
   * @throws RateLimitedError with the true time until the next attempt may be made
   */
  async begin(name: string, subject: string, rule: DelayRule): Promise<Attempt> {
    const keys = [`failures:${name}:{${subject}}`];
    const limits = [rule.free, rule.burst, rule.firstMs, rule.maxMs, rule.forgetMs];
    const [waitMs, blockedUntil] = (await BEGIN.run(this.redis, keys, limits)) as [number, number];
    if (waitMs > 0) throw new RateLimitedError(waitMs);
    return {
      failed: async () => {
        await FAIL.run(this.redis, keys, [...limits, blockedUntil]);
      },
      forgive: async () => {
        await this.redis.del(...keys);
      },
      takeBack: async () => {
        await TAKE_BACK.run(this.redis, keys, [blockedUntil]);
      },
    };
  }
}
