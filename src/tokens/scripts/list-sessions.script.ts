import { LuaScript } from '../../redis/index.js';

/**
 * Lists the live sessions of a user, newest login first.
 *
 * - KEYS: 1 `sessions`
 * - ARGV: 1 prefix of session keys (every key with it is in the hash slot of KEYS)
 * - returns a list of {id, device, createdAt, usedAt, expiration unless used before}, times in ms since 1970
 */
export const LIST_SESSIONS = new LuaScript(`
local sessions = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  local session = redis.call('HMGET', ARGV[1] .. id, 'device', 'createdAt', 'usedAt')
  if session[2] then
    sessions[#sessions + 1] = {id, session[1], session[2], session[3], redis.call('PEXPIRETIME', ARGV[1] .. id)}
  end
end
return sessions
`);
