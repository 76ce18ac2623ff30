import { LuaScript } from '../../redis/index.js';

/**
 * Acquires a free lock and assigns the holder a fencing token that is greater than all before it. The token is at least
 * the time of the server in microseconds, so that a Redis that lost the last token does not restart from low numbers.
 *
 * - KEYS: 1 the lock, 2 its last fencing token
 * - ARGV: 1 owner, 2 TTL of the lock in milliseconds, 3 TTL of the last fencing token in milliseconds
 * - returns the fencing token as a string and 0; if the lock is held, '0' and its remaining TTL in milliseconds
 */
export const ACQUIRE_LOCK = new LuaScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return { '0', redis.call('PTTL', KEYS[1]) } end
local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or 0)
local fence = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[2], fence, 'PX', ARGV[3])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { fence, 0 }
`);
