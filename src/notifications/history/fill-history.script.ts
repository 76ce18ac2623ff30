import { LuaScript } from '../../redis/index.js';

/**
 * Fills an opened history with the rows of the database and marks it as whole, unless it was dropped since the opening.
 *
 * - KEYS: 1 history
 * - ARGV: 1 token of the opening, 2 maximum length, 3 TTL (ms), then id and JSON of each notification
 * - returns 1 if the history is whole now, else 0
 */
export const FILL_HISTORY = new LuaScript(`
if redis.call('ZRANGE', KEYS[1], 0, 0)[1] ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], 0, 'whole', unpack(ARGV, 4))
redis.call('ZREMRANGEBYRANK', KEYS[1], 1, -1 - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);
