import type { Redis } from 'ioredis';
import type { GuardedRole } from './inject-redis.decorator.js';
import { LuaScript } from './lua-script.js';

/** Expiry time far in the future (Unix time in milliseconds); the script that sets the key deletes it. */
const FAR_FUTURE_MS = 32_503_680_000_000;

type Commands = readonly (readonly (string | number)[])[];

/**
 * Commands that requests send on the connection of a role, ordered so that each finds the data type it needs. A server
 * that replies to PING may be a replica, be full, or refuse some of them for lack of rights: the Redis user may be
 * allowed only a part of them.
 */
const COMMANDS: Readonly<Record<GuardedRole, Commands>> = {
  cache: [
    ['SET', '*', 1, 'PX', 1_000], ['GET', '*'], ['MGET', '*'], ['EXISTS', '*'], ['PTTL', '*'], ['PEXPIRE', '*', 1_000],
    ['DEL', '*'],
    ['HSET', '*', 'field', 1], ['HGET', '*', 'field'], ['HMGET', '*', 'field'], ['HSTRLEN', '*', 'field'],
    ['UNLINK', '*'],
    ['ZADD', '*', 1, 'member'], ['ZRANGE', '*', 0, 0], ['ZREVRANGEBYSCORE', '*', 1, 0],
    ['ZREMRANGEBYRANK', '*', 1, 1], ['ZREM', '*', 'member'], ['TIME'],
  ],
  store: [
    ['SET', '*', 1, 'PX', 1_000], ['GET', '*'], ['EXISTS', '*'], ['PTTL', '*'], ['PEXPIRETIME', '*'],
    ['INCR', '*'], ['PEXPIRE', '*', 1_000], ['PEXPIREAT', '*', FAR_FUTURE_MS], ['DEL', '*'],
    ['HSET', '*', 'field', 1], ['HGET', '*', 'field'], ['HMGET', '*', 'field'], ['HGETALL', '*'], ['HLEN', '*'],
    ['HINCRBY', '*', 'field', 1], ['HRANDFIELD', '*'], ['HDEL', '*', 'field'],
    ['ZADD', '*', 1, 'member'], ['ZCARD', '*'], ['ZRANGE', '*', 0, 0], ['ZREVRANGE', '*', 0, 0],
    ['ZREVRANGEBYSCORE', '*', 1, 0], ['ZREMRANGEBYRANK', '*', 1, 1], ['ZREMRANGEBYSCORE', '*', 2, 2],
    ['ZREM', '*', 'member'],
    ['LPUSH', '*', 1], ['LRANGE', '*', 0, 0], ['LTRIM', '*', 1, 0], ['TIME'],
  ],
};

/** Runs each command on KEYS[1] and leaves that key deleted; returns the first error, with the name of its command. */
const PROBE = new LuaScript(`
for _, command in ipairs(cjson.decode(ARGV[1])) do
  if command[2] then command[2] = KEYS[1] end
  local reply = redis.pcall(unpack(command))
  if type(reply) == 'table' and reply.err then return redis.error_reply(reply.err .. ' [' .. command[1] .. ']') end
end
return 1`);

/** The names of the commands that the probe of a role runs. */
export function probedCommands(role: GuardedRole): string[] {
  return COMMANDS[role].map(([name]) => String(name));
}

/**
 * Runs the commands that requests need on a server. MOVED counts as success: another node of the Cluster has the key.
 * @throws the error of the first command that fails
 */
export async function probeServer(role: GuardedRole, server: Redis): Promise<void> {
  try {
    await PROBE.run(server, [`probe:{${role}}`], [JSON.stringify(COMMANDS[role])]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('MOVED'))) throw error;
  }
}
