import { Inject } from '@nestjs/common';

/**
 * What a connection is for.
 * - `store`: durable (AOF, `noeviction`): tokens, sessions, limits
 * - `cache`: may lose anything at any time (`allkeys-lru`)
 */
export type RedisRole = 'store' | 'cache';

export function redisToken(role: RedisRole): symbol {
  return Symbol.for(`redis:${role}`);
}

/**
 * Injects the ioredis connection of a role.
 * @example constructor(@InjectRedis('store') private readonly redis: Redis) {}
 */
export const InjectRedis = (role: RedisRole): ParameterDecorator => Inject(redisToken(role));
