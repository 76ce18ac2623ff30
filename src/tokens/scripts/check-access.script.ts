import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Whether an access token is valid: it has not expired by this server's clock, its session is alive, it is not on the
 * blacklist, and it was not issued before the user's not-before. Updates `usedAt` of the session at most once a minute;
 * skipped when Redis is out of memory.
 *
 * - KEYS: 1 `session:<id>`, 2 `denied:<jti>`, 3 `not-before`
 * - ARGV: 1 issue time of the token, 2 its expiration (s since 1970)
 * - returns 1 when valid, 2 when expired, 0 when revoked
 */
export const CHECK_ACCESS = new LuaScript(`${NOW}
if now >= ARGV[2] * 1000 then return 2 end
local usedAt = redis.call('HGET', KEYS[1], 'usedAt')
if not usedAt then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local notBefore = redis.call('GET', KEYS[3])
if notBefore and tonumber(ARGV[1]) < tonumber(notBefore) then return 0 end
if now - usedAt >= 60000 then redis.pcall('HSET', KEYS[1], 'usedAt', now) end
return 1
`);
