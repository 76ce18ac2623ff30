import { createApp, suiteApp, type TestApp, type TestAppOptions } from './app.js';
import { given } from './given.js';
import { provideDatabase, provideRedis, type ProvidedDatabase, type ProvidedServer } from './services.js';

/** Two instances of the service on one PostgreSQL and one Redis, which tests may freeze or stop. */
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

/** Two instances for the tests of a `describe`, closed afterwards. */
export function useTwoInstances(env: NonNullable<TestAppOptions['env']> = {}): TwoInstances {
  let instances: TwoInstances | undefined;
  beforeAll(async () => {
    instances = await twoInstances(env);
  });
  afterAll(() => instances?.close());
  return {
    here: suiteApp(() => given(instances).here),
    there: suiteApp(() => given(instances).there),
    get redis() {
      return given(instances).redis;
    },
    get cache() {
      return given(instances).cache;
    },
    get database() {
      return given(instances).database;
    },
    close: () => given(instances).close(),
  };
}
