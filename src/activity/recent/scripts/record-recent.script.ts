import { LuaScript } from '../../../redis/index.js';

/**
 * Makes a place the most recent one of a user, without duplicates, and drops the oldest ones above the maximum. Does
 * nothing if the tombstone exists: a view may still be in flight when the account is deleted.
 *
 * - KEYS: 1 places by time of view, in microseconds, 2 tombstone
 * - ARGV: 1 place id, 2 maximum number of places, 3 TTL in milliseconds
 */
export const RECORD_RECENT = new LuaScript(`
if redis.call('EXISTS', KEYS[2]) == 1 then return end
local time = redis.call('TIME')
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
local now = math.max(time[1] * 1000000 + time[2], tonumber(newest[2] or 0) + 1)
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
`);
