import { LuaScript } from '../../../redis/index.js';

/**
 * Adds views to the open counts of the current hour. Idempotent: each sender numbers what it sends, and a number that
 * was received before adds nothing, so a sender may resend when it got no reply.
 *
 * - KEYS: 1 open counts, 2 last number of the sender
 * - ARGV: 1 number, 2 TTL of the number in milliseconds, then place id and views alternately
 * - returns 1, or 0 if the number was received before
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
