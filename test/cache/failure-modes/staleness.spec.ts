import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CACHE_MANAGER, type Cache as NestCache } from '@nestjs/cache-manager';
import { Cacheable, CacheEvict } from '../../../src/cache/index.js';
import { SEED, seededRandom } from '../../support/seeded-random.js';
import { provideRedis } from '../../support/services.js';
import { until } from '../../support/until.js';
import { createCacheApp, keepTimeLimits, withCacheApp, type CacheApp } from '../support/cache-app.js';
import { v1, v2, type Notes } from '../support/deferred-notes.js';
import { usePods } from '../support/pods.js';
import { asAnotherCaller, useSqlNotes } from '../support/sql-notes.js';
import { useRedis } from '../support/suite.js';

keepTimeLimits();

const evictMethods = ['evict', 'evictAll', 'evictTag'] as const;

/** An in-memory table, read and written with random pauses. */
@Injectable()
class Versions {
  private readonly random = seededRandom(SEED);
  private readonly versions = new Map<number, number>();

  @Cacheable({ cache: 'versions', key: (id: number) => id })
  async get(id: number): Promise<number> {
    await this.pause();
    const version = this.versions.get(id) ?? 0;
    await this.pause();
    return version;
  }

  @CacheEvict({ cache: 'versions', key: (id: number) => id })
  async change(id: number): Promise<number> {
    await this.pause();
    const version = (this.versions.get(id) ?? 0) + 1;
    this.versions.set(id, version);
    await this.pause();
    return version;
  }

  async pause(): Promise<void> {
    for (let turns = Math.floor(this.random() * 6); turns > 0; turns--) await setImmediate();
  }
}

@Injectable()
class NestCacheUser {
  constructor(@Inject(CACHE_MANAGER) readonly cache: NestCache) {}
}

describe('a value that changes while it is loaded', () => {
  const redis = useRedis();
  const pods = usePods(redis);

  describe('prevents failure mode 1: a load that began before an eviction stores the old value', () => {
    it('stores nothing of the old load: the third call gets the new value', async () => {
      const { a } = pods;
      const old = a.get(1);
      await a.source.started();
      await a.evict(1);
      await a.source.respond(v1);
      expect(await old).toEqual(v1);
      await readsNew(a, 'get');
    });

    it.each(evictMethods)('loads again for calls after the eviction while the old load runs (%s)', async (evict) => {
      const { a, b } = pods;
      const old = a.get(1);
      await a.source.started();
      await a[evict](1);
      const [fresh, elsewhere] = [a.get(1), b.get(1)];
      await a.source.started(2);
      await a.source.respond(v1);
      await a.source.respond(v2);
      expect(await Promise.all([old, fresh, elsewhere])).toEqual([v1, v2, v2]);
      expect(b.source.runs).toBe(0);
    });

    it(`ends none of 2000 random interleavings with an old value (SEED=${SEED})`, async () => {
      // A stalled machine looks like an outage: the bulkhead must not reject calls then.
      const settings = { bulkhead: { concurrency: 200 } };
      await withCacheApp({ redisUrl: redis.server.url, providers: [Versions], settings }, async (app) => {
        const versions = app.get(Versions);
        const isStale = async (id: number) => {
          const reading = versions.pause().then(() => versions.get(id));
          const written = await versions.pause().then(() => versions.change(id));
          await reading;
          return (await versions.get(id)) < written;
        };
        let stale = 0;
        for (let first = 0; first < 2_000; first += 100) {
          const ids = Array.from({ length: 100 }, (_each, index) => first + index);
          stale += (await Promise.all(ids.map(isStale))).filter(Boolean).length;
        }
        expect({ seed: SEED, stale }).toEqual({ seed: SEED, stale: 0 });
      });
    });
  });

  describe('prevents failure mode 3: a load stores the old value after an eviction by tag or of all', () => {
    it.each(['evictAll', 'evictTag'] as const)('stores nothing of the old load (%s)', async (evict) => {
      const { a } = pods;
      const old = a.get(1);
      await a.source.started();
      await a[evict](1);
      await a.source.respond(v1);
      await old;
      await readsNew(a, 'get');
    });

    it.each(['evictAll', 'evictTag'] as const)(
      'stores nothing even if only the result yields its tags (%s)',
      async (evict) => {
        const { a, b } = pods;
        const old = a.getTaggedByResult(1);
        await a.source.started();
        await b[evict](1);
        await a.source.respond(v1);
        await old;
        await readsNew(a, 'getTaggedByResult');
      },
    );
  });

  describe('prevents failure mode 4: a load in another process stores the old value after an eviction', () => {
    it.each(evictMethods)('stores nothing of a load in one process that another evicted by %s', async (evict) => {
      const { a, b } = pods;
      const old = a.get(1);
      await a.source.started();
      await b[evict](1);
      await a.source.respond(v1);
      await old;
      await readsNew(b, 'get');
    });
  });

  describe('prevents failure mode 5: the older of two concurrent puts is stored last', () => {
    it.each(['put', 'create'] as const)('does not store the older result (%s)', async (method) => {
      const { a, b } = pods;
      const [older, newer] = [a[method](1), b.put(1)];
      await Promise.all([a.source.started(), b.source.started()]);
      await b.source.respond(v2);
      await newer;
      await a.source.respond(v1);
      await older;
      await readsNew(a, 'get');
    });

    it('does not store a result that was evicted meanwhile', async () => {
      const { a, b } = pods;
      const put = a.put(1);
      await a.source.started();
      await b.evictTag(2);
      await b.evictAll(1);
      await a.source.respond(v1);
      await put;
      await readsNew(a, 'get');
    });

    it('stores the results of concurrent puts to other entries of the cache', async () => {
      const { a, apps } = pods;
      const puts = [1, 2, 3].map((id) => a.put(id));
      await a.source.started(3);
      for (const id of [1, 2, 3]) await a.source.respond({ id, text: 'put' });
      await Promise.all(puts);
      expect(apps[0].caches.stats()['notes']).toMatchObject({ puts: 3, refusedPuts: 0 });
    });
  });

  async function readsNew(notes: Notes, method: 'get' | 'getTaggedByResult'): Promise<void> {
    const fresh = notes[method](1);
    await notes.source.respond(v2);
    expect(await fresh).toEqual(v2);
    expect(await notes[method](1)).toEqual(v2);
  }
});

describe('a value that changes in a transaction', () => {
  const suite = useSqlNotes(useRedis());

  it('prevents failure mode 6: an eviction before the commit lets another reader cache the old row', async () => {
    const { notes, cached } = suite;
    await notes.within(async () => {
      await notes.write(1, 'new');
      expect(await asAnotherCaller(() => notes.get(1))).toBe('old');
      expect(await cached(1)).toEqual({ value: 'old' });
    });
    expect(await notes.get(1)).toBe('new');
  });

  it('prevents failure mode 7: a read inside a transaction stores data that is then rolled back', async () => {
    const { notes, cached } = suite;
    const rollback = new Error('rolled back');
    const change = notes.within(async () => {
      await notes.write(1, 'uncommitted');
      expect(await notes.get(1)).toBe('uncommitted');
      throw rollback;
    });
    await expect(change).rejects.toBe(rollback);
    expect(await cached(1)).toBeUndefined();
    expect(await asAnotherCaller(() => notes.get(1))).toBe('old');
  });
});

it('prevents failure mode 9: the offline queue replays an old SET after a reconnect', async () => {
  const redis = await provideRedis('cache');
  const app = await createCacheApp({ redisUrl: redis.url, providers: [Versions] });
  const versions = app.get(Versions);
  await redis.stop();
  await until(() => app.redis.status !== 'ready');
  expect(await versions.get(1)).toBe(0);
  await versions.change(1);
  await redis.start();
  await until(async () => {
    expect(await versions.get(1)).toBe(1);
    return hitsOf(app) > 0;
  });
  expect(await app.caches.get('versions').get(1)).toEqual({ value: 1 });
  await app.close();
  await redis.drop();
});

function hitsOf(app: CacheApp): number {
  return app.caches.stats()['versions']?.hits ?? 0;
}

describe('prevents failure mode 10: a fast client clock removes entries that others just stored', () => {
  const redis = useRedis();
  const options = () => ({ redisUrl: redis.server.url, providers: [Versions, NestCacheUser] });
  afterEach(() => jest.restoreAllMocks());

  it.each([1, -1])('keeps the entries when the clock is %i TTL off', async (direction) => {
    await withCacheApp(options(), async (app) => {
      const [versions, { cache }] = [app.get(Versions), app.get(NestCacheUser)];
      await Promise.all([versions.get(1), cache.set('key', 'value')]);
      const now = Date.now;
      jest.spyOn(Date, 'now').mockImplementation(() => now() + direction * 1_900_000);
      expect(await versions.get(1)).toBe(0);
      await Promise.all([cache.get('key'), cache.mget(['key', 'other']), cache.ttl('key')]);
      jest.restoreAllMocks();
      expect([await versions.get(1), await cache.get('key')]).toEqual([0, 'value']);
      expect(hitsOf(app)).toBe(2);
    });
  });
});
