export { ConfigModule } from './config.module.js';
export { Env, loadEnv } from './env.js';
export { InvalidSettingsError, parseDurationMs } from './env-reader.js';
export { parseRedisAddress, type RedisAddress, type RedisNode } from './redis-address.js';
