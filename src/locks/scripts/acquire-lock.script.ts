import { LuaScript } from '../../redis/index.js';

/**
 * Takes a lock that nobody has, and numbers the holder: each number is greater than all before it. The clock of the
 * server is its least value, so that a Redis that has forgotten the last one does not begin anew.
 *
 * - KEYS: 1 the lock, 2 its last fencing number
 * - ARGV: 1 owner, 2 time to live in milliseconds, 3 life of the number in milliseconds
 * - returns the fencing number as text; 0 and the milliseconds that the holder has left when there is one
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
