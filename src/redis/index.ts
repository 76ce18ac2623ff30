export type { BreakerState } from './circuit-breaker.js';
export { InjectRedis, redisToken, type GuardedRole, type RedisRole } from './inject-redis.decorator.js';
export { LuaScript, type ScriptCall } from './lua-script.js';
export { COMMAND_TIMEOUTS_MS, createClient, serversOf, type RedisClient } from './redis-client.js';
export { RedisConnections } from './redis-connections.js';
export { RedisUnavailableError, TooManyRedirectionsError } from './redis.errors.js';
export { RedisModule } from './redis.module.js';
