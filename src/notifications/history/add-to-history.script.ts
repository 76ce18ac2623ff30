import { LuaScript } from '../../redis/index.js';

/**
 * Adds notifications to a history that is opened or whole; idempotent. Does not create a missing history: it has not
 * been read, and the next read loads it from the database.
 *
 * - KEYS: 1 history
 * - ARGV: 1 maximum length, then id and JSON of each notification
 * - returns 1 if the history exists, else 0
 */
export const ADD_TO_HISTORY = new LuaScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[1], unpack(ARGV, 2))
redis.call('ZREMRANGEBYRANK', KEYS[1], 1, -1 - ARGV[1])
return 1
`);
