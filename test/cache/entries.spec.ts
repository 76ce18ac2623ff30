import { useCacheApp, useRedis } from './support/suite.js';
import type { Cache, EntryInfo, EntryPosition, PutOptions } from '../../src/cache/index.js';
import { until } from '../support/until.js';

describe('listing the entries of a cache', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, {});
  const cache = () => app().caches.get('notes');

  /** Puts until the entry is stored: on a busy machine a put may exceed its timeout. */
  const store = (key: number | string, options?: PutOptions, of: Cache = cache()) =>
    until(async () => {
      await of.put(key, 'stored', options);
      return (await of.get(key)) !== undefined;
    });

  async function walk(limit: number, of: Cache = cache()): Promise<{ entries: EntryInfo[]; pages: number }> {
    const entries: EntryInfo[] = [];
    let from: EntryPosition | undefined;
    for (let pages = 1; ; pages += 1) {
      const page = await of.entries(limit, from);
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      entries.push(...page.entries);
      if (page.next === undefined) return { entries, pages };
      from = page.next;
    }
  }

  it('shows size, tags and remaining time', async () => {
    await store('milk', { ttl: '10m', tags: ['fridge', 'a "quoted" one'] });
    const { entries } = await walk(10);
    expect(entries).toEqual([
      { key: '"milk"', bytes: 'J"stored"'.length, ttlMs: expect.any(Number), tags: ['a "quoted" one', 'fridge'] },
    ]);
    expect(entries[0]?.ttlMs).toBeGreaterThan(500_000);
    expect(entries[0]?.ttlMs).toBeLessThanOrEqual(600_000);
  });

  it('shows only the entries of this cache', async () => {
    const derived = app().caches.derive({ prefix: 'notes' }).get('notes');
    await store(1);
    await store(2, {}, app().caches.get('notes:old'));
    await store(3, {}, derived);
    expect((await walk(10)).entries.map(({ key }) => key)).toEqual(['1']);
    expect((await walk(10, derived)).entries.map(({ key }) => key)).toEqual(['3']);
  });

  it('omits entries that were evicted in any way', async () => {
    for (const key of [1, 2, 3, 4]) await store(key, { tags: key === 2 ? ['even', 'two'] : ['other'] });
    await cache().evictEncoded('1');
    expect((await walk(10)).entries.map(({ key }) => key).sort()).toEqual(['2', '3', '4']);
    await cache().evictTags(['two']);
    expect((await walk(10)).entries.map(({ key }) => key).sort()).toEqual(['3', '4']);
    await cache().clear();
    expect((await walk(10)).entries).toEqual([]);
  });

  it('omits expired entries', async () => {
    await cache().put(1, 'x', { ttl: 30 });
    await until(async () => (await walk(10)).entries.length === 0);
  });

  it.each([1, 7, 100])('returns each entry once with %i per page', async (limit) => {
    for (let key = 0; key < 60; key += 1) await store(key);
    const keys = (await walk(limit)).entries.map(({ key }) => Number(key));
    expect(keys.sort((one, other) => one - other)).toEqual(Array.from({ length: 60 }, (_, key) => key));
  });

  it('scans a bounded number of keys per page among many foreign keys', async () => {
    const others = redis.client.pipeline();
    for (let key = 0; key < 12_000; key += 1) others.set(`{others}:${key}`, '');
    await others.exec();
    await store('the needle');
    const before = await scans();
    const { entries, pages } = await walk(100);
    expect(entries.map(({ key }) => key)).toEqual(['"the needle"']);
    expect(pages).toBeGreaterThan(2);
    expect((await scans()) - before).toBeLessThanOrEqual(pages * 10);
  });

  async function scans(): Promise<number> {
    const stats = await redis.client.info('commandstats');
    expect(stats).not.toMatch(/cmdstat_keys:/);
    return Number(/cmdstat_scan:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }
});
