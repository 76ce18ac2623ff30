import { Inject } from '@nestjs/common';

/**
 * A connection on which callers wait, so that every wait is bounded.
 * - `store`: durable (AOF, `noeviction`): tokens, sessions, limits
 * - `cache`: may lose anything at any time (`allkeys-lru`)
 */
export type GuardedRole = 'store' | 'cache';

/**
 * What a connection is for. Besides those on which callers wait, two on the durable Redis that wait themselves, for as
 * long as it takes:
 * - `subscriber`: takes what is published, and nothing else
 * - `queue`: jobs, which BullMQ fetches by commands that block
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
