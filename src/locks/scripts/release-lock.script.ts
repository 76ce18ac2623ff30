import { LuaScript } from '../../redis/index.js';

/**
 * Releases a lock, unless it belongs to another owner by now.
 *
 * - KEYS: 1 the lock
 * - ARGV: 1 owner
 * - returns the number of locks released
 */
export const RELEASE_LOCK = new LuaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);
