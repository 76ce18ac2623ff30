import { LuaScript } from '../../redis/index.js';

/**
 * Reads a history. Opens a missing one: from then on additions are stored in it, so that the rows of the database and
 * the additions made meanwhile form the whole history.
 *
 * A history is a sorted set: notifications as JSON, scored by id, and, with score 0, either `whole` or the token of the
 * opening. A history that is dropped and opened again has a different token, so that a late fill is rejected.
 *
 * - KEYS: 1 history
 * - ARGV: 1 token for the opening, 2 TTL of an opened history (ms)
 * - returns {token of the opening} if the history is to be filled, else {`whole`, newest, …, oldest}
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
