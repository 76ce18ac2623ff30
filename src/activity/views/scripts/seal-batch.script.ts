import { LuaScript } from '../../../redis/index.js';

/**
 * Seals a batch: moves open counts into a hash that no longer changes.
 *
 * - KEYS: 1 open counts, 2 batches by time of sealing, 3 the batch
 * - ARGV: 1 batch id, 2 maximum number of counts
 * - returns the number of counts moved
 */
export const SEAL_BATCH = new LuaScript(`
local taken = redis.call('HRANDFIELD', KEYS[1], ARGV[2], 'WITHVALUES')
if #taken == 0 then return 0 end
local fields = {}
for at = 1, #taken, 2 do fields[#fields + 1] = taken[at] end
redis.call('HSET', KEYS[3], unpack(taken))
redis.call('HDEL', KEYS[1], unpack(fields))
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
return #fields
`);
