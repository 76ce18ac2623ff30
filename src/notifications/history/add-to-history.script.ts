import { LuaScript } from '../../redis/index.js';

/**
 * Adds to a history that is opened or whole; to add again what is there changes nothing. Nobody has asked for one that
 * is not there.
 *
 * - KEYS: 1 the history
 * - ARGV: 1 how many are kept, then id and JSON of each
 * - returns 1 when there is such a history, 0 when not
 */
export const ADD_TO_HISTORY = new LuaScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[1], unpack(ARGV, 2))
redis.call('ZREMRANGEBYRANK', KEYS[1], 1, -1 - ARGV[1])
return 1
`);
