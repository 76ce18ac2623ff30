import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Reads a session without changing it, before a rotation.
 *
 * - KEYS: 1 `session:<id>`
 * - ARGV: 1 hash of the presented refresh token
 * - returns null when there is no such session, else {MAC key, 1 if the token is the current or the previous one,
 *   else 0, now (ms since 1970)}
 */
export const INSPECT_SESSION = new LuaScript(`
local session = redis.call('HMGET', KEYS[1], 'markKey', 'hash', 'previous')
if not session[1] then return false end
${NOW}
local recent = (session[2] == ARGV[1] or session[3] == ARGV[1]) and 1 or 0
return {session[1], recent, now}
`);
