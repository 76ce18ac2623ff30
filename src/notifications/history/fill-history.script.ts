import { LuaScript } from '../../redis/index.js';

/**
 * Makes an opened history whole with what the database has, unless it was dropped since.
 *
 * - KEYS: 1 the history
 * - ARGV: 1 name of the opening, 2 how many are kept, 3 life (ms), then id and JSON of each
 * - returns 1 when it is whole now, 0 when not
 */
export const FILL_HISTORY = new LuaScript(`
if redis.call('ZRANGE', KEYS[1], 0, 0)[1] ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], 0, 'whole', unpack(ARGV, 4))
redis.call('ZREMRANGEBYRANK', KEYS[1], 1, -1 - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);
