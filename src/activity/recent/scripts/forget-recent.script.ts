import { LuaScript } from '../../../redis/index.js';

/**
 * Forgets what a user has seen, and marks that the user has left.
 *
 * - KEYS: 1 the places, 2 the mark
 * - ARGV: 1 life of the mark in milliseconds
 */
export const FORGET_RECENT = new LuaScript(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
`);
