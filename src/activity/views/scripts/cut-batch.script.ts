import { LuaScript } from '../../../redis/index.js';

/**
 * Moves counts out of what is open into a batch of their own, which nobody adds to any more.
 *
 * - KEYS: 1 what is open, 2 the batches by the time they were cut, 3 the batch
 * - ARGV: 1 id of the batch, 2 how many counts it takes at most
 * - returns how many it has taken
 */
export const CUT_BATCH = new LuaScript(`
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
