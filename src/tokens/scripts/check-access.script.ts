import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Whether an access token still counts: its session is alive, it is not on the blacklist, and it was issued after the
 * user's not-before. Notes the use of the session, at most once a minute, and unless Redis is full.
 *
 * - KEYS: 1 `session:<id>`, 2 `denied:<jti>`, 3 `not-before`
 * - ARGV: 1 second the token was issued
 * - returns 1 when it counts, 0 when not
 */
export const CHECK_ACCESS = new LuaScript(`
local usedAt = redis.call('HGET', KEYS[1], 'usedAt')
if not usedAt then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local notBefore = redis.call('GET', KEYS[3])
if notBefore and tonumber(ARGV[1]) < tonumber(notBefore) then return 0 end
${NOW}
if now - usedAt >= 60000 then redis.pcall('HSET', KEYS[1], 'usedAt', now) end
return 1
`);
