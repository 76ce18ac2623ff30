import { Redis } from 'ioredis';
import { provideRedis, type ProvidedServer } from '../../support/services.js';
import { createCacheApp, type CacheApp, type CacheAppOptions } from './cache-app.js';

/** A Redis for all tests of a file, empty at the begin of each, and a connection that looks into it. */
export interface RedisSuite {
  readonly server: ProvidedServer;
  readonly client: Redis;
  /** Runs before the Redis is dropped; Jest would run later hooks of the same level after it. */
  beforeDrop(work: () => Promise<unknown>): void;
}

export function useRedis(): RedisSuite {
  let server: ProvidedServer | undefined;
  let client: Redis | undefined;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = await provideRedis('cache');
    client = new Redis(server.url);
  });
  beforeEach(() => given(client).flushall());
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()));
    client?.disconnect();
    await server?.drop();
  });
  return {
    get server() {
      return given(server);
    },
    get client() {
      return given(client);
    },
    beforeDrop: (work) => closing.push(work),
  };
}

/** An application for all tests of a `describe`. */
export function useCacheApp(suite: RedisSuite, options: Omit<CacheAppOptions, 'redisUrl'>): () => CacheApp {
  let app: CacheApp | undefined;
  beforeAll(async () => {
    app = await createCacheApp({ ...options, redisUrl: suite.server.url });
  });
  suite.beforeDrop(async () => app?.close());
  return () => given(app);
}

/**
 * The two ways to name the cache of an operation: on the method, or as a default on the class.
 * `on` goes into the options of each operation, `config` into `@CacheConfig`.
 */
export const namings = [
  { naming: 'named on the method', on: { cache: 'test' }, config: {} },
  { naming: 'named on the class', on: {}, config: { cache: 'test' } },
] as const;

export type Naming = (typeof namings)[number];

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('only inside a test');
  return value;
}
