import { createApp, type TestApp, type TestAppOptions } from './app.js';
import { provideDatabase, provideRedis, type ProvidedDatabase, type ProvidedServer } from './services.js';

/** Two instances of the service on one PostgreSQL and one Redis, which tests may do anything to. */
export interface TwoInstances {
  readonly here: TestApp;
  readonly there: TestApp;
  readonly redis: ProvidedServer;
  readonly cache: ProvidedServer;
  readonly database: ProvidedDatabase;
  close(): Promise<void>;
}

export async function twoInstances(env: NonNullable<TestAppOptions['env']> = {}): Promise<TwoInstances> {
  const [database, redis, cache] = await Promise.all([provideDatabase(), provideRedis(), provideRedis('cache')]);
  const own = { DATABASE_URL: database.url, REDIS_URL: redis.url, REDIS_CACHE_URL: cache.url, ...env };
  const [here, there] = await Promise.all([createApp({ env: own }), createApp({ env: own })]);
  return {
    here,
    there,
    redis,
    cache,
    database,
    close: async () => {
      await Promise.all([here.close(), there.close()]);
      await Promise.all([database.drop(), redis.drop(), cache.drop()]);
    },
  };
}
