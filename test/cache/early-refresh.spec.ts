import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, currentCacheStatus, runWithCacheStatus, type CacheSettings } from '../../src/cache/index.js';
import { until } from '../support/until.js';
import { createCacheApp, withCacheApp, type CacheApp } from './support/cache-app.js';
import { Notes, v1, v2 } from './support/held-notes.js';
import { useRedis } from './support/suite.js';

const LOAD_MS = 100;
const TTL_MS = 600;

@Injectable()
class Hot {
  runs = 0;

  @Cacheable({ cache: 'hot', ttl: TTL_MS })
  async get(): Promise<number> {
    this.runs += 1;
    await sleep(LOAD_MS);
    return this.runs;
  }

  /** By chance, less than one of e^3000 hits comes so early. */
  @Cacheable({ cache: 'hot', key: () => 'young', ttl: '5m' })
  getYoung(): Promise<number> {
    return this.get();
  }
}

describe('an entry that is loaded anew before its time', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Notes, Notes] = [new Notes(), new Notes()];

  beforeEach(async () => {
    // So eager that every hit comes early.
    const settings = { earlyRefresh: 1e12 };
    const options = { redisUrl: redis.server.url, providers: [Notes], settings };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Notes), pods[1].get(Notes)];
    const first = a.get(1);
    await a.source.answer(v1);
    await first;
  });
  afterEach(() => Promise.all(pods.map((pod) => pod.close())));

  const figures = () => pods[0].caches.stats()['notes'];

  it('is loaded by one caller, who like all others gets what there is without waiting', async () => {
    const seen = () => runWithCacheStatus(async () => [await a.get(1), currentCacheStatus()]);
    for (const each of [await seen(), await seen(), await seen()]) expect(each).toEqual([v1, 'HIT']);
    expect([await b.get(1), await b.get(1)]).toEqual([v1, v1]);
    await a.source.started(2);
    expect([a.source.runs, b.source.runs]).toEqual([2, 0]);
    await a.source.answer(v2);
    await until(() => figures()?.puts === 2);
    expect(await b.get(1)).toEqual(v2);
  });

  const evicts = ['evict', 'evictAll', 'evictTag'] as const;
  it.each(evicts)('hole 2: the same by background refresh (%s comes meanwhile)', async (evict) => {
    await a.get(1);
    await a.source.started(2);
    await b[evict](1);
    await a.source.answer(v1);
    await until(() => figures()?.refused === 1);
    const fresh = b.get(1);
    await b.source.answer(v2);
    expect(await fresh).toEqual(v2);
  });

  it('stays as it is when the load fails, which nobody is told but the figures', async () => {
    await a.get(1);
    await a.source.started(2);
    await a.source.fail(new Error('nobody waits for this'));
    await until(() => figures()?.backgroundErrors === 1);
    expect(await b.get(1)).toEqual(v1);
    expect(figures()).toMatchObject({ earlyRefreshes: 1 });
  });

  it('is waited for by who comes when the entry is gone', async () => {
    await a.get(1);
    await a.source.started(2);
    await redis.client.del(...(await redis.client.keys('*:entry:*')));
    const late = a.get(1);
    await a.source.answer(v2);
    expect(await late).toEqual(v2);
    expect(a.source.runs).toBe(2);
  });

  it('is left alone by a put of what is absent', async () => {
    const cache = pods[0].caches.get('notes');
    expect(await cache.putIfAbsent(1, 'other')).toEqual({ value: v1 });
    await sleep(30);
    expect(await cache.get(1)).toEqual({ value: v1 });
  });
});

describe('an entry that is read all the time', () => {
  const redis = useRedis();

  /** How the calls of three lives of the entry were answered. */
  async function readAllTheTime(settings: CacheSettings) {
    return withCacheApp({ redisUrl: redis.server.url, providers: [Hot], settings }, async (app) => {
      const hot = app.get(Hot);
      const end = performance.now() + 3 * TTL_MS;
      while (performance.now() < end) {
        await hot.get();
        await sleep(2);
      }
      return app.caches.stats()['hot'];
    });
  }

  it('is never missed again: it is loaded anew in time', async () => {
    const figures = await readAllTheTime({});
    expect(figures).toMatchObject({ misses: 1 });
    expect(figures?.earlyRefreshes).toBeGreaterThanOrEqual(2);
    expect(figures?.earlyRefreshes).toBeLessThanOrEqual(9);
  });

  it('would be missed at the end of every life if it were not', async () => {
    const figures = await readAllTheTime({ earlyRefresh: 0 });
    expect(figures?.misses).toBeGreaterThan(1);
    expect(figures).toMatchObject({ earlyRefreshes: 0 });
  });

  it('is loaded no more often than its time demands when it is read now and then', async () => {
    await withCacheApp({ redisUrl: redis.server.url, providers: [Hot] }, async (app) => {
      const hot = app.get(Hot);
      for (let call = 0; call < 20; call++) await hot.getYoung();
      expect(hot.runs).toBe(1);
    });
  });
});
