import type { TestingModule } from '@nestjs/testing';
import type { ModuleMetadata, Type } from '@nestjs/common';
import { CacheManager, CacheModule, type CacheSettings } from '../../../src/cache/index.js';
import { ConfigModule } from '../../../src/config/index.js';
import { RedisConnections, RedisModule, redisToken, type RedisClient } from '../../../src/redis/index.js';
import { testEnv, testingModule } from '../../support/boot.js';
import { keepTimeLimits, relaxCommandTimeout } from '../../support/time-limits.js';

export { keepTimeLimits };

export interface CacheAppOptions extends ModuleMetadata {
  readonly redisUrl: string;
  /** For applications that import the database module. */
  readonly databaseUrl?: string;
  readonly settings?: CacheSettings;
  /** Replacements of providers by token. */
  readonly overrides?: readonly { readonly token: unknown; readonly value: unknown }[];
}

/** A small application with the real cache on a real Redis. */
export interface CacheApp {
  readonly module: TestingModule;
  readonly caches: CacheManager;
  /** Connection of the cache. */
  readonly redis: RedisClient;
  get<T>(token: Type<T> | string | symbol): T;
  close(): Promise<void>;
}

/** Starts an application, by default with a command timeout that a busy machine does not reach. */
export async function createCacheApp(options: CacheAppOptions): Promise<CacheApp> {
  const module = await compileCacheApp(options);
  const redis = module.get<RedisClient>(redisToken('cache'), { strict: false });
  relaxCommandTimeout(redis);
  await module.init().catch(async (error: unknown) => {
    await module.get(RedisConnections).onApplicationShutdown();
    throw error;
  });
  return {
    module,
    caches: module.get(CacheManager),
    redis,
    get: (token) => module.get(token, { strict: false }),
    close: () => module.close(),
  };
}

/** Starts an application, does the work and stops it. */
export async function withCacheApp<T>(options: CacheAppOptions, work: (app: CacheApp) => Promise<T>): Promise<T> {
  const app = await createCacheApp(options);
  return work(app).finally(() => app.close());
}

/** The application before its start, for those that do not start and those that get an HTTP server. */
export async function compileCacheApp(options: CacheAppOptions) {
  const { redisUrl, databaseUrl, settings = {}, overrides = [], ...metadata } = options;
  const servers = { redisUrl, ...(databaseUrl !== undefined && { databaseUrl }) };
  // Verifications would add to the loads that tests count.
  const env = testEnv(servers, { CACHE_VERIFY_SAMPLE_ONE_IN: '0' });
  const connections = new RedisConnections();
  const imports = [ConfigModule, RedisModule, CacheModule.forRoot(settings), ...(metadata.imports ?? [])];
  const builder = testingModule({ ...metadata, imports }, env)
    .overrideProvider(RedisConnections)
    .useValue(connections);
  for (const { token, value } of overrides) builder.overrideProvider(token).useValue(value);
  return builder.compile().catch(async (error: unknown) => {
    // Nest calls no shutdown hook after a failed start, so the connections would reconnect for ever.
    await connections.onApplicationShutdown();
    throw error;
  });
}
