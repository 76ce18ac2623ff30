import { LuaScript } from '../../redis/index.js';

/**
 * Gives the holder of a lock its time again.
 *
 * - KEYS: 1 the lock
 * - ARGV: 1 owner, 2 time to live in milliseconds
 * - returns 1, or 0 when it is not the owner's any more
 */
export const RENEW_LOCK = new LuaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);
