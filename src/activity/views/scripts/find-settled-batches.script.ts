import { LuaScript } from '../../../redis/index.js';

/**
 * Finds the batches whose settling period is over, oldest first.
 *
 * - KEYS: 1 batches by time of sealing
 * - ARGV: 1 settling period in milliseconds
 * - returns the batch ids
 */
export const FIND_SETTLED_BATCHES = new LuaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGE', KEYS[1], '-inf', now - ARGV[1], 'BYSCORE')
`);
