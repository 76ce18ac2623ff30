import { LuaScript } from '../../../redis/index.js';

/**
 * Adds views of places to what is open, under the hour it is now. Each sender numbers what it sends, so that it may
 * send again what it got no answer to: a number that was there before adds nothing.
 *
 * - KEYS: 1 what is open, 2 the last number of the sender
 * - ARGV: 1 number, 2 life of the number in milliseconds, then place and views in turns
 * - returns 1, or 0 when it was there before
 */
export const ADD_VIEWS = new LuaScript(`
if tonumber(redis.call('GET', KEYS[2]) or 0) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
local hour = math.floor(redis.call('TIME')[1] / 3600)
for at = 3, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], hour .. ':' .. ARGV[at], ARGV[at + 1])
end
return 1
`);
