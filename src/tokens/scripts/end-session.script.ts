import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Ends one session; at logout also blacklists the access token until it expires. Deletes first: when out of memory,
 * Redis allows a script to add data only after its first write, and logout has to work then too.
 *
 * - KEYS: 1 `session:<id>`, 2 `successor:<id>`, 3 `sessions`, 4 `denied:<jti>`
 * - ARGV: 1 session id, 2 expiration of the access token (s since 1970; 0: do not blacklist)
 * - returns 1 when the session was alive, else 0
 */
export const END_SESSION = new LuaScript(`${NOW}
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[2])
local ended = redis.call('DEL', KEYS[1])
if ARGV[2] * 1000 > now then redis.call('SET', KEYS[4], '', 'EXAT', ARGV[2]) end
return ended
`);
