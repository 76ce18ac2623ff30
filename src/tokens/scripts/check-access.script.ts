import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Whether an access token still counts: it has not expired by this server's clock, its session is alive, it is not on
 * the blacklist, and it was issued after the user's not-before. Notes the use of the session, at most once a minute,
 * and unless Redis is full.
 *
 * - KEYS: 1 `session:<id>`, 2 `denied:<jti>`, 3 `not-before`
 * - ARGV: 1 second the token was issued, 2 second it expires
 * - returns 1 when it counts, 2 when it has expired, 0 when anything has revoked it
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
