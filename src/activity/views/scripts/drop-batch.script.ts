import { LuaScript } from '../../../redis/index.js';

/**
 * Deletes a batch that has been written to PostgreSQL.
 *
 * - KEYS: 1 batches by time of sealing, 2 the batch
 * - ARGV: 1 batch id
 * - returns the number of batches deleted
 */
export const DROP_BATCH = new LuaScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])
`);
