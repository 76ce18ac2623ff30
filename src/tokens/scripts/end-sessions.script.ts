import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Ends all sessions of a user, or all except one. Ending all also sets the user's not-before to the next second, so
 * that every access token issued until now is revoked, regardless of the session records.
 *
 * - KEYS: 1 `sessions`, 2 `not-before`
 * - ARGV: 1 id of the session to retain, or empty to end all, 2 TTL of not-before (ms), 3 prefix of session keys,
 *   4 prefix of successor keys (every key with one of the two prefixes is in the hash slot of KEYS)
 * - returns the number of live sessions ended
 */
export const END_SESSIONS = new LuaScript(`
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if id ~= ARGV[1] then
    redis.call('ZREM', KEYS[1], id)
    ended = ended + redis.call('DEL', ARGV[3] .. id)
    redis.call('DEL', ARGV[4] .. id)
  end
end
if ARGV[1] == '' then
  ${NOW}
  redis.call('SET', KEYS[2], math.floor(now / 1000) + 1, 'PX', ARGV[2])
end
return ended
`);
