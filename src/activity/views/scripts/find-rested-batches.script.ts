import { LuaScript } from '../../../redis/index.js';

/**
 * Finds the batches that were cut long enough ago, oldest first.
 *
 * - KEYS: 1 the batches by the time they were cut
 * - ARGV: 1 for how long they have to rest, in milliseconds
 * - returns their ids
 */
export const FIND_RESTED_BATCHES = new LuaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGE', KEYS[1], '-inf', now - ARGV[1], 'BYSCORE')
`);
