export { InjectRedis, redisToken, type RedisRole } from './inject-redis.decorator.js';
export { RedisConnections } from './redis-connections.js';
export { RedisModule } from './redis.module.js';
