import { LuaScript } from '../../redis/index.js';
import { NOW } from './now.js';

/**
 * Age of a session.
 *
 * - KEYS: 1 `session:<id>`
 * - returns milliseconds, or nil when there is no such session
 */
export const SESSION_AGE = new LuaScript(`${NOW}
local createdAt = redis.call('HGET', KEYS[1], 'createdAt')
return createdAt and now - createdAt
`);
