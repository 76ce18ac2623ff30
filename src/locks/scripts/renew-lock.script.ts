import { LuaScript } from '../../redis/index.js';

/**
 * Renews the TTL of a lock for its owner.
 *
 * - KEYS: 1 the lock
 * - ARGV: 1 owner, 2 TTL in milliseconds
 * - returns 1, or 0 if the lock no longer belongs to the owner
 */
export const RENEW_LOCK = new LuaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);
