import { Global, Module } from '@nestjs/common';
import { Env } from '../config/index.js';
import { RedisConnections } from './redis-connections.js';
import { redisToken, type RedisRole } from './inject-redis.decorator.js';

const ROLES: readonly RedisRole[] = ['store', 'cache', 'subscriber', 'queue'];

/** Opens one connection per role and closes them at shutdown. */
@Global()
@Module({
  providers: [
    RedisConnections,
    ...ROLES.map((role) => ({
      provide: redisToken(role),
      inject: [RedisConnections, Env],
      useFactory: (connections: RedisConnections, { redisUrl, redisCacheUrl }: Env) =>
        connections.open(role, role === 'cache' ? redisCacheUrl : redisUrl),
    })),
  ],
  exports: [...ROLES.map(redisToken), RedisConnections],
})
export class RedisModule {}
