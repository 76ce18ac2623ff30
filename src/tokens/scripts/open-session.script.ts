import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Opens a session. First ends the user's oldest sessions if there would be more than allowed.
 *
 * The session is a hash: `hash` SHA-256 of the current refresh token, `previous` that of the previous one, `rotatedAt`,
 * `markKey` its MAC key (see `RefreshToken`), `device`, `createdAt`, `usedAt`, `endsAt` (all times in ms since 1970).
 *
 * - KEYS: 1 `sessions`, 2 `session:<id>`, 3 `not-before`
 * - ARGV: 1 session id, 2 hash of the refresh token, 3 MAC key, 4 device, 5 idle expiration (ms), 6 absolute expiration
 *   (ms), 7 maximum sessions per user, 8 prefix of session keys, 9 prefix of successor keys
 *   (every key with one of the two prefixes is in the hash slot of KEYS)
 * - returns {issue time (s since 1970), expiration of the session unless used before, now (both ms since 1970)}
 */
export const OPEN_SESSION = new LuaScript(`${NOW}
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
local alive = 0
for i = #ids, 1, -1 do
  local exists = redis.call('EXISTS', ARGV[8] .. ids[i]) == 1
  if exists and alive < ARGV[7] - 1 then
    alive = alive + 1
  else
    redis.call('ZREM', KEYS[1], ids[i])
    redis.call('DEL', ARGV[8] .. ids[i], ARGV[9] .. ids[i])
  end
end
local endsAt = now + ARGV[6]
local expiresAt = math.min(now + ARGV[5], endsAt)
redis.call('HSET', KEYS[2], 'hash', ARGV[2], 'markKey', ARGV[3], 'device', ARGV[4],
  'createdAt', now, 'usedAt', now, 'endsAt', endsAt)
redis.call('PEXPIREAT', KEYS[2], expiresAt)
redis.call('ZADD', KEYS[1], time[1] * 1000000 + time[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < ARGV[6] + 0 then redis.call('PEXPIREAT', KEYS[1], endsAt) end
local second = math.floor(now / 1000)
return {math.max(second, tonumber(redis.call('GET', KEYS[3]) or 0)), expiresAt, now}
`);
