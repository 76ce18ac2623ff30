import { LuaScript } from '../../../redis/index.js';

/**
 * Makes a place the most recent one of a user, once, and drops the oldest beyond what is kept. Does nothing for who has
 * left: a view may still be on its way then.
 *
 * - KEYS: 1 the places by the time they were seen, in microseconds, 2 the mark of who has left
 * - ARGV: 1 place, 2 how many are kept, 3 life in milliseconds
 */
export const NOTE_RECENT = new LuaScript(`
if redis.call('EXISTS', KEYS[2]) == 1 then return end
local time = redis.call('TIME')
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
local now = math.max(time[1] * 1000000 + time[2], tonumber(newest[2] or 0) + 1)
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
`);
