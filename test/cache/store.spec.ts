import { CacheManager } from '../../src/cache/index.js';
import {
  CacheLoadError,
  NullNotAllowedError,
  UncacheableValueError,
  WrongCachedTypeError,
} from '../../src/cache/cache.errors.js';
import { useCacheApp, useRedis } from './support/suite.js';
import { until } from '../support/until.js';

describe('Cache, used without decorators', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, {});
  const cache = () => app().caches.get('test');

  it('conformance 91: has a name', () => {
    expect(cache().name).toBe('test');
  });

  it('conformance 92: returns what was put, and rejects a value of another class', async () => {
    expect(await cache().get('key')).toBeUndefined();
    await cache().put('key', new Date(0));
    expect(await cache().get('key')).toEqual({ value: new Date(0) });
    expect(await cache().get('key', Date)).toEqual({ value: new Date(0) });
    await expect(cache().get('key', Map)).rejects.toThrow(WrongCachedTypeError);
    await expect(cache().get('key', Map)).rejects.toThrow("cache 'test' holds Date under this key, not Map");
  });

  it('conformance 93: puts only an absent key and returns the present value, null included', async () => {
    expect(await cache().putIfAbsent('key', null)).toBeUndefined();
    expect(await cache().putIfAbsent('key', 'other')).toEqual({ value: null });
    expect(await cache().get('key')).toEqual({ value: null });
  });

  it('conformance 94: removes an entry, the entries of a tag, and all entries', async () => {
    await Promise.all([1, 2, 3, 4].map((key) => cache().put(key, key, { tags: key === 2 ? ['even', 'two'] : [] })));
    await cache().evict(1);
    await cache().evictTags(['even']);
    expect(await values(1, 2, 3, 4)).toEqual([undefined, undefined, 3, 4]);
    await cache().clear();
    expect(await values(1, 2, 3, 4)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('conformance 95: loads once, null included, and not again on a hit', async () => {
    const loader = jest.fn(() => Promise.resolve(null));
    expect([await cache().getOrLoad('key', loader), await cache().getOrLoad('key', loader)]).toEqual([null, null]);
    expect(loader).toHaveBeenCalledTimes(1);
  });

  it('conformance 96: wraps an error of the loader with its cause and stores nothing', async () => {
    const cause = new Error('of the loader');
    const failed = cache().getOrLoad('key', () => Promise.reject(cause));
    await expect(failed).rejects.toThrow(CacheLoadError);
    await expect(failed).rejects.toHaveProperty('cause', cause);
    expect(await cache().get('key')).toBeUndefined();
  });

  it('conformance 97: loads once for ten concurrent callers', async () => {
    let loads = 0;
    const loader = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return (loads += 1);
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => cache().getOrLoad('key', loader)));
    expect(all).toEqual(Array(10).fill(1));
  });

  it('conformance 98: rejects null where it is not allowed, naming the cache and keeping the entry', async () => {
    const strict = app().caches.derive({ prefix: 'strict', allowNull: false }).get('test');
    await strict.put('key', 'value');
    for (const nothing of [null, undefined]) {
      await expect(strict.put('key', nothing)).rejects.toThrow(NullNotAllowedError);
      await expect(strict.put('key', nothing)).rejects.toThrow("cache 'test' does not store null or undefined");
    }
    expect(await strict.get('key')).toEqual({ value: 'value' });
  });

  it('conformance 99: isolates stored values from later changes', async () => {
    const value = { tags: ['a'] };
    await cache().put('key', value);
    value.tags.push('b');
    const first = await cache().get<typeof value>('key');
    first?.value.tags.push('c');
    expect(await cache().get('key')).toEqual({ value: { tags: ['a'] } });
  });

  it('conformance 100: rejects an unserializable value and treats garbage as a miss', async () => {
    await expect(cache().put('key', () => 1)).rejects.toThrow(UncacheableValueError);
    await cache().put('key', 1);
    const [entry = ''] = await redis.client.keys('*entry*');
    await redis.client.hset(entry, 'value', 'garbage');
    expect(await cache().get('key')).toBeUndefined();
    expect(await cache().getOrLoad('key', () => Promise.resolve(2))).toBe(2);
    expect(await cache().get('key')).toEqual({ value: 2 });
  });

  it('conformance 101: creates caches for any name, or only those declared', () => {
    expect(app().caches.find('made-on-demand')).toBeDefined();
    const declared = app().caches.derive({ prefix: 'declared', caches: ['place'] });
    expect([declared.find('place')?.name, declared.find('other')]).toEqual(['place', undefined]);
    expect(declared.names).toEqual(['place']);
    expect(() => declared.get('other')).toThrow('cache "other" is not one of this cache manager\'s: place');
  });

  it('conformance 102: never stores, always loads and passes errors on as the no-op cache', async () => {
    const none = CacheManager.none().get('test');
    const loader = jest.fn(() => Promise.resolve(1));
    await none.put('key', 1);
    expect(await none.get('key')).toBeUndefined();
    expect([await none.getOrLoad('key', loader), await none.getOrLoad('key', loader)]).toEqual([1, 1]);
    expect(loader).toHaveBeenCalledTimes(2);
    const failed = none.getOrLoad('key', () => Promise.reject(new Error('e')));
    await expect(failed).rejects.toHaveProperty('cause.message', 'e');
    await Promise.all([none.evict('key'), none.evictTags(['t']), none.clear()]);
  });

  it('returns statistics and resets them', async () => {
    await cache().getOrLoad('figures', () => Promise.resolve(1));
    await cache().getOrLoad('figures', () => Promise.resolve(1));
    expect(app().caches.stats()['test']).toMatchObject({ hits: expect.any(Number), misses: expect.any(Number) });
    cache().region.stats.reset();
    expect(app().caches.stats()['test']).toMatchObject({ hits: 0, misses: 0, puts: 0 });
  });

  it('expires values after the given TTL', async () => {
    await cache().put('short', 1, { ttl: '20ms' });
    expect(await cache().get('short')).toEqual({ value: 1 });
    await until(async () => (await cache().get('short')) === undefined);
    await expect(cache().put('short', 1, { ttl: 0 })).rejects.toThrow('is 0; it must be whole milliseconds');
  });

  async function values(...keys: number[]): Promise<unknown[]> {
    return (await Promise.all(keys.map((key) => cache().get(key)))).map((found) => found?.value);
  }
});
