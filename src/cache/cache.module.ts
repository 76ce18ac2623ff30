import { CacheModule as NestCacheModule } from '@nestjs/cache-manager';
import { Global, Logger, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import Keyv from 'keyv';
import { ThrottledLogger } from '../common/index.js';
import { durationMs, Env } from '../config/index.js';
import { Outbox } from '../database/index.js';
import { MetricsModule } from '../observability/index.js';
import { RedisConnections, redisToken, type RedisClient } from '../redis/index.js';
import { CACHE_RUNTIME } from './decorators/decorated-method.js';
import { CACHE_SETTINGS, type CacheSettings } from './cache-settings.js';
import { CacheAspect } from './explorer/cache-aspect.js';
import { CacheExplorer } from './explorer/cache-explorer.js';
import { MethodRegistry } from './explorer/method-registry.js';
import { IoredisKeyvAdapter } from './keyv/ioredis-keyv-adapter.js';
import { CacheManager } from './manager/cache-manager.js';
import { CacheMetrics } from './manager/cache-metrics.js';
import { CacheChanges } from './runtime/cache-changes.js';
import { LoadBulkhead } from './runtime/bulkhead.js';
import { RedisStorage } from './storage/redis-storage.js';

const LEASE = '10s';
const STORAGE_PARTS = [redisToken('cache'), CACHE_SETTINGS, RedisConnections, { token: Outbox, optional: true }];

export type { CacheSettings };

/**
 * Enables the cache decorators on every provider of the application: import it once, in the root module, together with
 * `ConfigModule` and `RedisModule`. Feature modules import only the decorators.
 *
 * It also provides `CacheManager`, and `CACHE_MANAGER` of @nestjs/cache-manager on the same Redis. The Fastify plugins
 * `cacheStatus` and `cachedResponses` add the header `X-Cache` and `@ServeFromCache`.
 */
@Global()
@Module({
  imports: [
    DiscoveryModule,
    MetricsModule,
    NestCacheModule.registerAsync({ isGlobal: true, inject: [redisToken('cache'), Env], useFactory: nestCacheOptions }),
  ],
  providers: [
    { provide: CACHE_SETTINGS, useValue: {} },
    { provide: RedisStorage, inject: STORAGE_PARTS, useFactory: createStorage },
    { provide: CacheManager, inject: [RedisStorage, CACHE_SETTINGS, Env], useFactory: createManager },
    CacheAspect,
    CacheChanges,
    CacheExplorer,
    CacheMetrics,
    MethodRegistry,
    { provide: CACHE_RUNTIME, useExisting: MethodRegistry },
  ],
  exports: [CacheManager, CACHE_RUNTIME],
})
export class CacheModule implements OnModuleInit {
  constructor(private readonly explorer: CacheExplorer) {}

  onModuleInit(): void {
    this.explorer.explore();
  }

  /**
   * The module with settings that replace the defaults.
   * @example `CacheModule.forRoot({ caches: ['place', 'places', 'reviews'], ttl: '10m' })`
   */
  static forRoot(settings: CacheSettings): DynamicModule {
    return { module: CacheModule, providers: [{ provide: CACHE_SETTINGS, useValue: settings }] };
  }
}

function createStorage(
  redis: RedisClient,
  { lease = LEASE }: CacheSettings,
  connections: RedisConnections,
  outbox?: Outbox,
): RedisStorage {
  return new RedisStorage(redis, durationMs('lease', lease), { outbox, connections });
}

function createManager(storage: RedisStorage, settings: CacheSettings, env: Env): CacheManager {
  const { concurrency = Math.ceil(env.databasePoolSize * 0.8), queue = 500 } = settings.bulkhead ?? {};
  const { ttl = env.cacheTtlMs, verifySampleOneIn = env.cacheVerifySampleOneIn, lease = LEASE } = settings;
  return new CacheManager(storage, {
    ...settings,
    ttl,
    verifySampleOneIn,
    bulkhead: new LoadBulkhead({ concurrency, queue }),
    localWaitMs: durationMs('lease', lease),
  });
}

function nestCacheOptions(redis: RedisClient, env: Env) {
  const keyv = new Keyv({ store: new IoredisKeyvAdapter(redis, 'keyv:'), namespace: 'app', ttl: env.cacheTtlMs });
  const outages = new ThrottledLogger(new Logger('Cache'), 10_000);
  keyv.on('error', (error: Error) => outages.warn('CACHE_MANAGER', `CACHE_MANAGER: ${error.message}`));
  return { stores: [keyv], ttl: env.cacheTtlMs };
}
