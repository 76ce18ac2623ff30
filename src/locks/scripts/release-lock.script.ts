import { LuaScript } from '../../redis/index.js';

/**
 * Gives a lock back, unless it is another's by now.
 *
 * - KEYS: 1 the lock
 * - ARGV: 1 owner
 * - returns how many were given back
 */
export const RELEASE_LOCK = new LuaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);
