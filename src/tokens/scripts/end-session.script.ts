import { LuaScript } from '../../redis/index.js';

/**
 * Ends one session; at logout also puts the access token on the blacklist for its remaining life. Deletes first: a
 * Redis that is full lets a script add something only once it has written, and a logout has to work then too.
 *
 * - KEYS: 1 `session:<id>`, 2 `successor:<id>`, 3 `sessions`, 4 `denied:<jti>`
 * - ARGV: 1 session id, 2 remaining life of the access token (ms; 0 or less: leave the blacklist alone)
 * - returns 1 when the session was alive, else 0
 */
export const END_SESSION = new LuaScript(`
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[2])
local ended = redis.call('DEL', KEYS[1])
if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[4], '', 'PX', ARGV[2]) end
return ended
`);
