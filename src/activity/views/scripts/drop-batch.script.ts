import { LuaScript } from '../../../redis/index.js';

/**
 * Deletes a batch that has been written.
 *
 * - KEYS: 1 the batches by the time they were cut, 2 the batch
 * - ARGV: 1 id of the batch
 * - returns how many were deleted
 */
export const DROP_BATCH = new LuaScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])
`);
