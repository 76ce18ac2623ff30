import { Global, Module } from '@nestjs/common';
import { Env } from '../config/index.js';
import { RedisConnections } from './redis-connections.js';
import { redisToken } from './inject-redis.decorator.js';

/** Opens one connection for each role and closes them at shutdown. */
@Global()
@Module({
  providers: [
    RedisConnections,
    { provide: redisToken('store'), inject: [RedisConnections, Env], useFactory: openStore },
    { provide: redisToken('cache'), inject: [RedisConnections, Env], useFactory: openCache },
  ],
  exports: [redisToken('store'), redisToken('cache'), RedisConnections],
})
export class RedisModule {}

function openStore(connections: RedisConnections, env: Env) {
  return connections.open('store', env.redisUrl);
}

function openCache(connections: RedisConnections, env: Env) {
  return connections.open('cache', env.redisCacheUrl);
}
