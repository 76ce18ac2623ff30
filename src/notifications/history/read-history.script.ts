import { LuaScript } from '../../redis/index.js';

/**
 * Reads a history. One that is not there is opened: from now on what is added is kept, so that what the database has
 * and what is added meanwhile are together whole.
 *
 * A history is a sorted set: notifications as JSON by their ids, and, with score 0, either `whole` or the name of the
 * opening. A history that was dropped and opened anew thus has another name, and a fill for the one before is refused.
 *
 * - KEYS: 1 the history
 * - ARGV: 1 name for the opening, 2 life of what is only opened (ms)
 * - returns {name of the opening} when it is yet to be filled, else {`whole`, newest, …, oldest}
 */
export const READ_HISTORY = new LuaScript(`
local state = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if state == 'whole' then return {state, unpack(redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', 1))} end
if not state then
  state = ARGV[1]
  redis.call('ZADD', KEYS[1], 0, state)
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {state}
`);
