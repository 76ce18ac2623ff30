import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/** Maximum length and TTL of a user's list of incidents. */
const INCIDENTS = 50;
const INCIDENTS_TTL_MS = 90 * 86_400_000;

/**
 * Rotates a refresh token atomically. By the presented token:
 * - current → replaced by the successor; idle expiration renewed, absolute expiration unchanged
 * - current, within the reuse window after the last rotation → `unchanged`: only the idle expiration is renewed. Thus a
 *   window has one successor, and concurrent requests of a legitimate client never hold a token older than the
 *   previous one
 * - previous, within the reuse window → `repeated`: returns the sealed successor again; no change
 * - any other that the session once issued → `reused` (reuse detection): ends the session and records the incident
 * - anything else → rejected as `unknown`; no change
 *
 * A frozen server may run the script long after its caller has timed out and reported to the client that nothing was
 * consumed; therefore it does nothing after its deadline.
 *
 * - KEYS: 1 `session:<id>`, 2 `successor:<id>`, 3 `sessions`, 4 `not-before`, 5 `incidents`
 * - ARGV: 1 session id, 2 hash of the presented token, 3 1 if its MAC is valid for the session, 4 hash of the
 *   successor, 5 sealed successor, 6 idle expiration (ms), 7 reuse window (ms),
 *   8 deadline (ms since 1970, this server's clock)
 * - returns {outcome, issue time (s since 1970), expiration of the session unless used before (ms since 1970), now (ms
 *   since 1970), sealed successor}; outcome is `rotated`, `repeated`, `unchanged`, `reused`, `unknown`,
 *   `not-found` or `deadline-exceeded`; the sealed successor only with the first two, the times with the first three
 */
export const ROTATE_SESSION = new LuaScript(`${NOW}
if now > tonumber(ARGV[8]) then return {'deadline-exceeded'} end
local session = redis.call('HMGET', KEYS[1], 'hash', 'previous', 'rotatedAt', 'endsAt')
if not session[1] then return {'not-found'} end
local window = tonumber(ARGV[7])
local inWindow = session[3] and now - session[3] <= window
local second = math.max(math.floor(now / 1000), tonumber(redis.call('GET', KEYS[4]) or 0))

if session[1] == ARGV[2] then
  local expiresAt = math.min(now + ARGV[6], tonumber(session[4]))
  if window > 0 and inWindow then
    redis.call('HSET', KEYS[1], 'usedAt', now)
    redis.call('PEXPIREAT', KEYS[1], expiresAt)
    return {'unchanged', second, expiresAt, now}
  end
  redis.call('HSET', KEYS[1], 'hash', ARGV[4], 'previous', ARGV[2], 'rotatedAt', now, 'usedAt', now)
  redis.call('PEXPIREAT', KEYS[1], expiresAt)
  if window > 0 then redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[7]) end
  return {'rotated', second, expiresAt, now, ARGV[5]}
end

if session[2] == ARGV[2] and inWindow then
  local sealed = redis.call('GET', KEYS[2])
  if sealed then return {'repeated', second, redis.call('PEXPIRETIME', KEYS[1]), now, sealed} end
end

if ARGV[3] ~= '1' then return {'unknown'} end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('LPUSH', KEYS[5], cjson.encode({kind = 'refresh-token-reused', sessionId = ARGV[1], at = now}))
redis.call('LTRIM', KEYS[5], 0, ${INCIDENTS - 1})
redis.call('PEXPIRE', KEYS[5], ${INCIDENTS_TTL_MS})
return {'reused'}
`);
