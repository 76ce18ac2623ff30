import { Redis } from 'ioredis';
import type { RedisClient } from '../../../src/redis/index.js';
import { given } from '../../support/given.js';
import { WholeCluster, type ProvidedCluster } from '../../support/redis-cluster.js';
import { provideRedis, type ProvidedServer } from '../../support/services.js';
import { createCacheApp, type CacheApp, type CacheAppOptions } from './cache-app.js';

/** A Redis for all tests of a file, emptied before each, and a client to inspect it. */
export interface RedisSuite {
  readonly server: Pick<ProvidedServer, 'url'>;
  readonly client: RedisClient;
  /** Runs before the Redis is dropped; Jest would run later hooks of the same level after it. */
  beforeDrop(work: () => Promise<unknown>): void;
}

/** The Cluster used by the suites of a test file; undefined: each starts a server of its own. */
let cluster: ProvidedCluster | undefined;

/** Suites of this test file run on the Cluster from now on. */
export function runOnCluster(provided: ProvidedCluster): void {
  cluster = provided;
}

export function useRedis(): RedisSuite {
  let server: Pick<ProvidedServer, 'url' | 'drop'> | undefined;
  let client: RedisClient | undefined;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = cluster === undefined ? await provideRedis('cache') : { url: cluster.url, drop: () => Promise.resolve() };
    client = cluster === undefined ? new Redis(server.url) : new WholeCluster(cluster);
  });
  beforeEach(async () => {
    await given(client).flushall();
  });
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
