import { LuaScript } from '../../redis/index.js';

/**
 * Counts an attempt of a job whose lock was lost, which BullMQ itself does not. With the last attempt the job gets
 * BullMQ's marker for jobs that fail as soon as a worker takes them (`defa`), which counts that attempt.
 *
 * - KEYS: 1 the job
 * - ARGV: 1 maximum number of attempts, 2 reason of the failure
 * - returns the number of attempts made, or 0 if the job has ended elsewhere
 */
export const COUNT_ATTEMPT = new LuaScript(`
local name, made, finishedOn = unpack(redis.call('HMGET', KEYS[1], 'name', 'atm', 'finishedOn'))
if not name or finishedOn then return 0 end
made = tonumber(made or 0)
if made + 1 >= tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'defa', ARGV[2])
else redis.call('HINCRBY', KEYS[1], 'atm', 1) end
return made + 1
`);
