import { Injectable } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { CacheEvict, CacheManager, Cacheable } from '../../src/cache/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import { LEASE_MS } from '../../src/cache/storage/cache-storage.js';
import { provideDatabase } from '../support/services.js';
import { until } from '../support/until.js';
import { withCacheApp } from './support/cache-app.js';
import { v1 } from './support/deferred-notes.js';
import { usePods } from './support/pods.js';
import { useCacheApp, useRedis } from './support/suite.js';

@Injectable()
class Reports {
  @Cacheable({ cache: 'daily', cacheManager: 'reports', key: (id: number) => id })
  get(id: number): Promise<string> {
    return Promise.resolve(`report ${id}`);
  }

  @CacheEvict({ cache: 'daily', cacheManager: 'reports', key: (id: number) => id })
  change(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @Transactional()
  within<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}

const reports = {
  provide: 'reports',
  inject: [CacheManager],
  useFactory: (caches: CacheManager) => caches.derive({ prefix: 'reports', ttl: '1d', jitter: 0 }),
};

describe('the Redis adapter', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [reports], settings: { jitter: 0 } });
  const cache = (name = 'test') => app().caches.get(name);
  const lifeOf = async (pattern = '*:entry:*') => {
    const [key = ''] = await redis.client.keys(pattern);
    return redis.client.pttl(key);
  };

  it('conformance 110: expires an entry after the default or its own TTL, which an overwrite resets', async () => {
    await cache().put('key', 1);
    expect(await lifeOf()).toBeGreaterThan(1_790_000);
    await cache().put('key', 2, { ttl: '150ms' });
    expect(await lifeOf()).toBeLessThanOrEqual(150);
    await cache().put('key', 3, { ttl: '1h' });
    expect(await lifeOf()).toBeGreaterThan(3_590_000);
    await cache().put('key', 4, { ttl: '30ms' });
    await until(async () => (await cache().get('key')) === undefined);
  });

  it('conformance 111: computes the TTL of an entry from its value', async () => {
    const tokens = [{ name: 'brief', expiresIn: 60_000 }, { name: 'long', expiresIn: 600_000 }];
    for (const token of tokens) await cache().put(token.name, token, { ttl: token.expiresIn });
    for (const { name, expiresIn } of tokens) {
      const left = await lifeOf(`*:entry:*${name}*`);
      expect(left).toBeLessThanOrEqual(expiresIn);
      expect(left).toBeGreaterThan(expiresIn - 10_000);
    }
  });

  it('conformance 113: clears only the keys of its own cache', async () => {
    await Promise.all([cache('a').put(1, 'a'), cache('ab').put(1, 'ab'), redis.client.set('foreign', '1')]);
    await cache('empty').clear();
    await cache('a').clear();
    expect([await cache('a').get(1), await cache('ab').get(1)]).toEqual([undefined, { value: 'ab' }]);
    expect(await redis.client.get('foreign')).toBe('1');
  });

  it('conformance 114: prefixes keys with the manager and the cache name', async () => {
    await cache('daily').put(1, 'of the application');
    await app().get<CacheManager>('reports').get('daily').put(1, 'of the reports');
    const entries = (await redis.client.keys('*:entry:*')).sort();
    expect(entries).toEqual(['cache:{daily}:entry:1', 'cache:{reports/daily}:entry:1']);
  });

  it('conformance 115: builds keys from lists, maps and arrays, and rejects what has no key', async () => {
    const keys = [[1, 2], ['1', 2], [[1], 2], new Map([['a', 1]]), { a: 1 }, new Set([1, 2]), Uint8Array.of(1, 2)];
    for (const [index, key] of keys.entries()) await cache().put(key, index);
    const values = await Promise.all(keys.map((key) => cache().get(key)));
    expect(values).toEqual(keys.map((_key, value) => ({ value })));
    await expect(cache().put(() => 1, 1)).rejects.toThrow('a cache key contains a function; use strings');
  });

  it('conformance 117: counts hits, misses, puts and evictions per cache, with snapshot and reset', async () => {
    for (const name of ['counted', 'other']) cache(name).region.stats.reset();
    for (const _round of [1, 2, 3]) await cache('counted').getOrLoad('key', () => Promise.resolve(1));
    await cache('counted').evict('key');
    const snapshot = app().caches.stats();
    expect(snapshot['counted']).toMatchObject({ hits: 2, misses: 1, puts: 1, keyEvictions: 1 });
    expect(snapshot['other']).toMatchObject({ hits: 0, misses: 0, puts: 0, keyEvictions: 0 });
    cache('counted').region.stats.reset();
    expect(snapshot['counted']).toMatchObject({ hits: 2 });
    expect(app().caches.stats()['counted']).toMatchObject({ hits: 0, misses: 0, puts: 0, keyEvictions: 0 });
  });

  it('conformance 118: stays responsive and consistent when cleared during reads', async () => {
    const load = (id: number) => () => Promise.resolve({ id, text: `value ${id}`.repeat(100) });
    const reader = async (seed: number) => {
      for (let turn = 0; turn < 50; turn++) {
        const id = (seed + turn) % 7;
        expect(await cache().getOrLoad(id, load(id))).toEqual(await load(id)());
      }
    };
    const clearer = async () => {
      for (let turn = 0; turn < 50; turn++) await cache().clear();
    };
    await Promise.all([clearer(), ...Array.from({ length: 10 }, (_each, seed) => reader(seed))]);
  });

  it('conformance 119: takes part in transactions with every cache manager', async () => {
    const database = await provideDatabase();
    const options = { redisUrl: redis.server.url, databaseUrl: database.url, imports: [DatabaseModule] };
    await withCacheApp({ ...options, providers: [Reports, reports] }, async (other) => {
      const [service, daily] = [other.get(Reports), other.get<CacheManager>('reports').get('daily')];
      await service.get(1);
      await service.within(async () => {
        await service.change(1);
        expect(await daily.get(1)).toEqual({ value: 'report 1' });
      });
      expect(await daily.get(1)).toBeUndefined();
    });
    await database.drop();
  });

  it('conformance 120: accepts only declared caches if any are declared', async () => {
    const locked = app().caches.derive({ prefix: 'locked', caches: ['place'] });
    await locked.get('place').put(1, 'stored');
    expect(locked.find('unknown')).toBeUndefined();
    expect(() => locked.get('unknown')).toThrow('is not one of this cache manager\'s: place');
    expect(await locked.get('place').get(1)).toEqual({ value: 'stored' });
  });
});

describe('the lease, which replaces a lock', () => {
  const redis = useRedis();
  const pods = usePods(redis);

  it('conformance 116: holds a lease per entry for a bounded time, and releases it after a failure', async () => {
    const { a, b, apps } = pods;
    const holder = a.get(1);
    await a.source.started();
    expect(await apps[1].caches.get('other').getOrLoad(1, () => Promise.resolve('at once'))).toBe('at once');
    const [lease = ''] = await redis.client.keys('*{notes}:lease:*');
    const ttlMs = await redis.client.pttl(lease);
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(LEASE_MS);
    await a.source.fail(new Error('lost'));
    await expect(holder).rejects.toThrow('lost');
    expect(await redis.client.keys('*:lease:*')).toEqual([]);
    const next = b.get(1);
    await b.source.respond(v1);
    expect(await next).toEqual(v1);
    expect(await apps[0].caches.get('notes').get(1)).toEqual({ value: v1 });
  });
});
