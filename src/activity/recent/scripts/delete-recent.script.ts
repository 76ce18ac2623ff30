import { LuaScript } from '../../../redis/index.js';

/**
 * Deletes a user's recently viewed places, and sets the tombstone of the user.
 *
 * - KEYS: 1 places, 2 tombstone
 * - ARGV: 1 TTL of the tombstone in milliseconds
 */
export const DELETE_RECENT = new LuaScript(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
`);
