import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/** Incidents a user's list keeps at most, and for how long. */
const INCIDENTS = 50;
const INCIDENTS_TTL_MS = 90 * 86_400_000;

/**
 * Exchanges a refresh token, in one step:
 * - the one in force → its hash gives way to the successor's; idle expiry begins anew, absolute expiry stays
 * - the one in force, within the reuse window after the last rotation → kept, only the idle expiry begins anew. So a
 *   window has one successor, and parallel requests of an honest client never hold a token older than the one before
 * - the one before, within the reuse window → the sealed successor again, nothing changes
 * - any other that the session once gave out → stolen: the session ends and the incident is recorded
 * - anything else → refused, nothing changes
 *
 * A server that was frozen may run the script long after its caller has given up and told the client that nothing was
 * consumed. So past its deadline it does nothing.
 *
 * - KEYS: 1 `session:<id>`, 2 `successor:<id>`, 3 `sessions`, 4 `not-before`, 5 `incidents`
 * - ARGV: 1 session id, 2 hash of the presented token, 3 1 if it bears the session's birthmark, 4 hash of the
 *   successor, 5 sealed successor, 6 idle expiry (ms), 7 reuse window (ms),
 *   8 deadline (ms since 1970, this server's clock)
 * - returns {outcome, second of issue, when the session expires unless used (ms since 1970), now, sealed successor};
 *   outcome is `rotated`, `repeated`, `kept`, `stolen`, `unknown`, `gone` or `late`; the sealed successor only with the
 *   first two, the times with the first three
 */
export const ROTATE_SESSION = new LuaScript(`${NOW}
if now > tonumber(ARGV[8]) then return {'late'} end
local session = redis.call('HMGET', KEYS[1], 'hash', 'previous', 'rotatedAt', 'endsAt')
if not session[1] then return {'gone'} end
local window = tonumber(ARGV[7])
local inWindow = session[3] and now - session[3] <= window
local second = math.max(math.floor(now / 1000), tonumber(redis.call('GET', KEYS[4]) or 0))

if session[1] == ARGV[2] then
  local expiresAt = math.min(now + ARGV[6], tonumber(session[4]))
  if window > 0 and inWindow then
    redis.call('HSET', KEYS[1], 'usedAt', now)
    redis.call('PEXPIREAT', KEYS[1], expiresAt)
    return {'kept', second, expiresAt, now}
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
return {'stolen'}
`);
