import { Injectable } from '@nestjs/common';
import { InjectRedis, LuaScript, type RedisClient } from '../redis/index.js';
import { RateLimitedError } from './rate-limit.errors.js';

/**
 * Counts one request in the current window, which its first request opened.
 *
 * - KEYS: 1 counter
 * - ARGV: 1 limit, 2 length of the window (ms)
 * - returns 0 when the request is within the limit, else the milliseconds until the window ends
 */
const COUNT = new LuaScript(`
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if count <= tonumber(ARGV[1]) then return 0 end
return math.max(redis.call('PTTL', KEYS[1]), 1)
`);

/**
 * Fixed-window rate limit. A window begins with the first request after the last one ended, so up to twice the limit
 * can pass around a window boundary: sufficient against guessing, but not a fair share.
 * Counted in the durable Redis, across all instances; rejects when it is unavailable.
 */
@Injectable()
export class FixedWindow {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /**
   * Counts a request of `client`.
   * @param name of the limit, such as `auth`
   * @throws RateLimitedError with the exact time until the window ends
   */
  async count(name: string, client: string, { limit, windowMs }: { limit: number; windowMs: number }): Promise<void> {
    const waitMs = Number(await COUNT.run(this.redis, [`limit:${name}:{${client}}`], [limit, windowMs]));
    if (waitMs > 0) throw new RateLimitedError(waitMs);
  }
}
