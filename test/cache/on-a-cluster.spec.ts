import { randomUUID } from 'node:crypto';
import { COMMAND_TIMEOUTS_MS } from '../../src/redis/index.js';
import { masterOf, provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { runOnCluster, useCacheApp, useRedis } from './support/suite.js';

const SUITES = [
  'entries',
  'evict',
  'guards-off',
  'holes/mechanics',
  'holes/staleness',
  'holes/values',
  'keyv',
  'put',
  'read-through',
  'several-operations',
  'single-flight',
  'store',
  'transactions',
];

describe('hole 44: on a Redis Cluster of three masters', () => {
  let cluster: ProvidedCluster | undefined;

  beforeAll(async () => {
    cluster = await provideRedisCluster();
    runOnCluster(cluster);
  });
  afterAll(() => cluster?.drop());

  for (const suite of SUITES) {
    describe(suite, () => {
      jest.requireActual(`./${suite}.spec.js`);
    });
  }

  describe('a cache', () => {
    const redis = useRedis();
    const app = useCacheApp(redis, {});
    const cache = () => app().caches.get('numbers');
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const putAll = () => {
      return Promise.all(numbers.map((n) => cache().put(n, randomUUID(), { tags: ['any', `n:${n % 2}`] })));
    };
    const values = () => Promise.all(numbers.map(async (n) => (await cache().get<string>(n))?.value));
    const kept = async () => {
      const found = await values();
      return numbers.filter((n) => found[n] !== undefined);
    };

    it('lies on every master', async () => {
      await putAll();
      const masters = await Promise.all((await redis.client.keys('*:entry:*')).map((key) => masterOf(given(), key)));
      for (const master of [0, 1, 2]) expect(masters.filter((each) => each === master).length).toBeGreaterThan(10);
    });

    it('is evicted in all of its shards, by tag and as a whole, in one command a shard', async () => {
      await putAll();
      await redis.client.config('RESETSTAT');
      await cache().evictTags(['n:0']);
      expect(await unlinks()).toBe(16);
      expect(await kept()).toEqual(numbers.filter((n) => n % 2 === 1));
      await cache().evictTags(['any']);
      expect(await kept()).toEqual([]);
      await putAll();
      await redis.client.config('RESETSTAT');
      await cache().clear();
      expect(await unlinks()).toBe(16);
      expect(await kept()).toEqual([]);
    });

    it('is asked once for a hit, and refuses what was loaded before an evict of all, in whatever shard', async () => {
      for (const n of numbers.slice(0, 40)) {
        const old = await cache().getOrLoad(n, async () => {
          await cache().clear();
          return 'old';
        });
        expect([old, await cache().get(n)]).toEqual(['old', undefined]);
      }
      await putAll();
      await kept();
      await redis.client.config('RESETSTAT');
      expect(await kept()).toEqual(numbers);
      expect(await calls('evalsha')).toBe(numbers.length);
    });

    it('waits for no master that is frozen, and serves nothing old of it afterwards', async () => {
      await putAll();
      const old = new Set(await values());
      const frozen = given().masters[1];
      frozen?.pause();
      const startedAt = performance.now();
      await cache().clear();
      const took = performance.now() - startedAt;
      const meanwhile = await kept();
      frozen?.resume();
      expect(took).toBeLessThan(COMMAND_TIMEOUTS_MS.cache + 100);
      expect(meanwhile).toEqual([]);
      await until(async () => {
        expect((await values()).filter((value) => old.has(value))).toEqual([]);
        await putAll();
        return (await kept()).length === numbers.length;
      });
    });

    const unlinks = () => calls('unlink');

    async function calls(command: string): Promise<number> {
      const stats = await redis.client.info('commandstats');
      const counts = [...stats.matchAll(new RegExp(`cmdstat_${command}:calls=(\\d+)`, 'g'))];
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    }
  });

  function given(): ProvidedCluster {
    if (cluster === undefined) throw new Error('only inside a test');
    return cluster;
  }
});
