import { randomUUID } from 'node:crypto';
import type { Cache } from '../../src/cache/index.js';
import { Shards } from '../../src/cache/storage/shards.js';
import { COMMAND_TIMEOUTS_MS } from '../../src/redis/index.js';
import { masterOf, moveSlot, provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { createCacheApp, keepTimeLimits } from './support/cache-app.js';
import { runOnCluster, useCacheApp, useRedis } from './support/suite.js';
import { stopwatch, timeLimitDuration } from '../support/stopwatch.js';

const SUITES = [
  // First: it asserts that no KEYS command was sent, and other suites send some.
  'entries.spec.js',
  'added-tags.spec.js',
  'async.spec.js',
  'evict.spec.js',
  'guards-off.proof.js',
  'failure-modes/keys.spec.js',
  'failure-modes/mechanics.spec.js',
  'failure-modes/scope.spec.js',
  'failure-modes/staleness.spec.js',
  'failure-modes/values.spec.js',
  'keyv.spec.js',
  'portable.spec.js',
  'put.spec.js',
  'read-through.spec.js',
  'several-operations.spec.js',
  'single-flight.spec.js',
  'store.spec.js',
  'transactions.spec.js',
  'types.spec.js',
  'values.spec.js',
];

describe('prevents failure mode 44: multi-key commands fail on a Redis Cluster', () => {
  let cluster: ProvidedCluster | undefined;

  beforeAll(async () => {
    cluster = await provideRedisCluster();
    runOnCluster(cluster);
  });
  afterAll(() => cluster?.drop());

  for (const suite of SUITES) {
    describe(suite, () => {
      jest.requireActual(`./${suite}`);
    });
  }

  describe('a cache', () => {
    keepTimeLimits();
    const redis = useRedis();
    const app = useCacheApp(redis, {});
    const cache = () => app().caches.get('numbers');
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const putAll = () => {
      return Promise.all(numbers.map((n) => cache().put(n, randomUUID(), { tags: ['any', `n:${n % 2}`] })));
    };
    const values = () => Promise.all(numbers.map(async (n) => (await cache().get<string>(n))?.value));
    const cachedNumbers = async () => {
      const found = await values();
      return numbers.filter((n) => found[n] !== undefined);
    };

    it('spreads its entries over every master', async () => {
      await putAll();
      const masters = await Promise.all((await redis.client.keys('*:entry:*')).map((key) => masterOf(given(), key)));
      for (const master of [0, 1, 2]) expect(masters.filter((each) => each === master).length).toBeGreaterThan(10);
    });

    it('evicts by tag and as a whole with one command per shard', async () => {
      await putAll();
      await redis.client.config('RESETSTAT');
      await cache().evictTags(['n:0']);
      expect(await unlinks()).toBe(16);
      expect(await cachedNumbers()).toEqual(numbers.filter((n) => n % 2 === 1));
      await cache().evictTags(['any']);
      expect(await cachedNumbers()).toEqual([]);
      await putAll();
      await redis.client.config('RESETSTAT');
      await cache().clear();
      expect(await unlinks()).toBe(16);
      expect(await cachedNumbers()).toEqual([]);
    });

    it('hits with one command and refuses values loaded before a full eviction, in any shard', async () => {
      for (const n of numbers.slice(0, 40)) {
        const old = await cache().getOrLoad(n, async () => {
          await cache().clear();
          return 'old';
        });
        expect([old, await cache().get(n)]).toEqual(['old', undefined]);
      }
      await putAll();
      await cachedNumbers();
      await redis.client.config('RESETSTAT');
      expect(await cachedNumbers()).toEqual(numbers);
      expect(await calls('evalsha')).toBe(numbers.length);
    });

    it('waits for no frozen master and serves no old value of it afterwards', async () => {
      await putAll();
      const old = new Set(await values());
      const frozen = given().masters[1];
      frozen?.pause();
      const limit = timeLimitDuration(COMMAND_TIMEOUTS_MS.cache);
      const elapsedMs = stopwatch();
      await cache().clear();
      const took = elapsedMs();
      const meanwhile = await cachedNumbers();
      frozen?.resume();
      expect(took).toBeLessThan((await limit) + 100);
      expect(meanwhile).toEqual([]);
      await until(async () => {
        expect((await values()).filter((value) => old.has(value))).toEqual([]);
        await putAll();
        return (await cachedNumbers()).length === numbers.length;
      });
    });

    it('serves what an eviction left in a shard it skipped (safeguard disabled)', async () => {
      await putAll();
      const inLast = (await redis.client.keys('*#15}:entry:*')).map((key) => Number(key.split(':').at(-1)));
      expect(inLast.length).toBeGreaterThan(0);
      const all = Shards.prototype.all;
      const skipLast = jest.spyOn(Shards.prototype, 'all').mockImplementation(function (this: Shards, name) {
        return all.call(this, name).slice(0, -1);
      });
      for (const evict of [() => cache().evictTags(['any']), () => cache().clear()]) {
        await evict();
        expect(await cachedNumbers()).toEqual(inLast.sort((one, other) => one - other));
      }
      skipLast.mockRestore();
      await cache().evictTags(['any']);
      expect(await cachedNumbers()).toEqual([]);
    });

    it('is neither stale nor late while its slots migrate to another master and back', async () => {
      const other = await createCacheApp({ redisUrl: redis.server.url });
      const pods = [cache(), other.caches.get('numbers')] as const;
      const written = numbers.map(() => 0);
      const evicted = numbers.map(() => 0);
      const stale: string[] = [];
      let slowest = 0;
      const timed = <T>(work: Promise<T>): Promise<T> => {
        const elapsedMs = stopwatch();
        return work.finally(() => (slowest = Math.max(slowest, elapsedMs())));
      };
      const read = async (n: number, pod: Cache) => {
        const least = evicted[n] ?? 0;
        const value = await timed(pod.getOrLoad(n, () => Promise.resolve(written[n] ?? 0)));
        if (value < least) stale.push(`${n}: ${value} after ${least}`);
      };
      const write = async (n: number) => {
        const version = (written[n] ?? 0) + 1;
        written[n] = version;
        await timed(cache().evict(n));
        evicted[n] = version;
      };
      const readAll = () => Promise.all(numbers.flatMap((n) => pods.map((pod) => read(n, pod))));
      let step = 0;
      const meanwhile = async () => {
        step += 1;
        const some = numbers.filter((n) => n % 7 === step % 7);
        await Promise.all(some.map(write));
        await Promise.all([...some, ...some].flatMap((n) => pods.map((pod) => read(n, pod))));
      };
      await readAll();
      for (const key of (await redis.client.keys('*:all')).slice(0, 6)) {
        const slot = Number(await given().connections[0]?.cluster('KEYSLOT', key));
        const source = await masterOf(given(), key);
        const target = (source + 1) % 3;
        await moveSlot(given(), slot, [source, target], meanwhile);
        await readAll();
        await moveSlot(given(), slot, [target, source], meanwhile);
        await readAll();
      }
      await other.close();
      expect(stale).toEqual([]);
      // A read is a lookup and a fill; a busy machine may delay either.
      expect(slowest).toBeLessThan(2 * COMMAND_TIMEOUTS_MS.cache + 1_000);
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
