export { ConfigModule } from './config.module.js';
export { durationMs, parseDurationMs, type Duration } from './duration.js';
export { Env, loadEnv } from './env.js';
export { InvalidSettingsError } from './env-reader.js';
export { parseRedisAddress, type RedisAddress } from './redis-address.js';
