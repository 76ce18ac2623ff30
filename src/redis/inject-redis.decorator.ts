import { Inject } from '@nestjs/common';

/**
 * Roles of the connections on which callers wait, so that every wait is bounded.
 * - `store`: durable (AOF, `noeviction`): tokens, sessions, limits
 * - `cache`: may lose any key at any time (`allkeys-lru`)
 */
export type GuardedRole = 'store' | 'cache';

/**
 * Purpose of a connection. Besides the guarded roles there are two on the durable Redis whose own waits are unbounded:
 * - `subscriber`: receives published messages only
 * - `queue`: jobs, which BullMQ fetches with blocking commands
 */
export type RedisRole = GuardedRole | 'subscriber' | 'queue';

export function redisToken(role: RedisRole): symbol {
  return Symbol.for(`redis:${role}`);
}

/**
 * Injects the ioredis connection of a role.
 * @example constructor(@InjectRedis('store') private readonly redis: Redis) {}
 */
export const InjectRedis = (role: RedisRole): ParameterDecorator => Inject(redisToken(role));
