import { LuaScript } from '../../../redis/index.js';

/**
 * Replaces a ranking atomically: no client reads a partial one. The extra member `ranked` (score 0) makes an empty
 * ranking distinguishable from a missing one.
 *
 * - KEYS: 1 ranking
 * - ARGV: 1 TTL in milliseconds, then position and place id alternately, at most 3,000
 */
export const SAVE_RANKING = new LuaScript(`
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], 0, 'ranked', unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`);
