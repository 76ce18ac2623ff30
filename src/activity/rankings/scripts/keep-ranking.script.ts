import { LuaScript } from '../../../redis/index.js';

/**
 * Puts a ranking in the place of the one before, in one step: nobody reads half of it. A member without a place marks
 * that there is a ranking, even of nothing.
 *
 * - KEYS: 1 the ranking
 * - ARGV: 1 life in milliseconds, then position and place in turns, at most 3,000
 */
export const KEEP_RANKING = new LuaScript(`
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], 0, 'ranked', unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`);
