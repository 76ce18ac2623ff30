import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, currentCacheStatus, runWithCacheStatus, type CacheSettings } from '../../src/cache/index.js';
import { until } from '../support/until.js';
import { createCacheApp, withCacheApp, type CacheApp } from './support/cache-app.js';
import { Notes, v1, v2 } from './support/deferred-notes.js';
import { useRedis } from './support/suite.js';

const LOAD_MS = 100;
const TTL_MS = 600;

@Injectable()
class Hot {
  runs = 0;

  @Cacheable({ cache: 'hot', ttl: TTL_MS })
  get(): Promise<number> {
    return this.load();
  }

  @Cacheable({ cache: 'hot', key: () => 'long', ttl: '3s' })
  getLong(): Promise<number> {
    return this.load();
  }

  /** The probability of an early refresh by chance is below e^-3000 per hit. */
  @Cacheable({ cache: 'hot', key: () => 'young', ttl: '5m' })
  getYoung(): Promise<number> {
    return this.load();
  }

  private async load(): Promise<number> {
    this.runs += 1;
    await sleep(LOAD_MS);
    return this.runs;
  }
}

describe('early refresh', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Notes, Notes] = [new Notes(), new Notes()];

  beforeEach(async () => {
    // A factor by which every hit triggers an early refresh.
    const settings = { earlyRefresh: 1e12 };
    const options = { redisUrl: redis.server.url, providers: [Notes], settings };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Notes), pods[1].get(Notes)];
    const first = a.get(1);
    await a.source.respond(v1);
    await first;
  });
  afterEach(() => Promise.all(pods.map((pod) => pod.close())));

  const stats = () => pods[0].caches.stats()['notes'];

  it('runs in one caller, while all callers get the current value without waiting', async () => {
    const read = () => runWithCacheStatus(async () => [await a.get(1), currentCacheStatus()]);
    for (const each of [await read(), await read(), await read()]) expect(each).toEqual([v1, 'HIT']);
    expect([await b.get(1), await b.get(1)]).toEqual([v1, v1]);
    await a.source.started(2);
    expect([a.source.runs, b.source.runs]).toEqual([2, 0]);
    await a.source.respond(v2);
    await until(() => stats()?.puts === 2);
    expect(await b.get(1)).toEqual(v2);
  });

  const evictMethods = ['evict', 'evictAll', 'evictTag'] as const;
  it.each(evictMethods)(
    'prevents failure mode 2: a background refresh that began before an eviction stores the old value (%s)',
    async (evict) => {
      await a.get(1);
      await a.source.started(2);
      await b[evict](1);
      await a.source.respond(v1);
      await until(() => stats()?.refusedPuts === 1);
      const fresh = b.get(1);
      await b.source.respond(v2);
      expect(await fresh).toEqual(v2);
    },
  );

  it('keeps the current value when the load fails, and only counts the failure', async () => {
    await a.get(1);
    await a.source.started(2);
    await a.source.fail(new Error('nobody waits for this'));
    await until(() => stats()?.backgroundErrors === 1);
    expect(await b.get(1)).toEqual(v1);
    expect(stats()).toMatchObject({ earlyRefreshes: 1 });
  });

  it('is awaited by callers that arrive after the entry has expired', async () => {
    await a.get(1);
    await a.source.started(2);
    await redis.client.del(...(await redis.client.keys('*:entry:*')));
    const late = a.get(1);
    await a.source.respond(v2);
    expect(await late).toEqual(v2);
    expect(a.source.runs).toBe(2);
  });

  it('is not disturbed by a put of an absent entry', async () => {
    const cache = pods[0].caches.get('notes');
    expect(await cache.putIfAbsent(1, 'other')).toEqual({ value: v1 });
    await sleep(30);
    expect(await cache.get(1)).toEqual({ value: v1 });
  });
});

describe('early refresh of an entry that is read all the time', () => {
  const redis = useRedis();

  /**
   * Longest pause in ms between two reads of a steady reader. With `earlyRefresh: 5`, loads of 100 ms and a time to
   * live of 3 s, the chance that such a reader meets no early refresh is below 1 in 10,000.
   */
  const STEADY_MS = 40;

  /** Outcomes of the lifetimes of the entry, without those in which the reader was delayed by a busy machine. */
  async function lifetimeOutcomes(read: (hot: Hot) => Promise<number>, settings: CacheSettings, wanted: number) {
    return withCacheApp({ redisUrl: redis.server.url, providers: [Hot], settings }, async (app) => {
      const hot = app.get(Hot);
      const stats = () => app.caches.stats()['hot'] ?? { misses: 0, puts: 0 };
      const lifetimes: ('missed' | 'refreshed')[] = [];
      await read(hot);
      let [before, longestPause, last] = [stats(), 0, performance.now()];
      while (lifetimes.length < wanted) {
        await sleep(2);
        await read(hot);
        const [after, now] = [stats(), performance.now()];
        const missed = after.misses > before.misses;
        // A miss waits for its load, which does not count as a pause of the reader.
        if (!missed) longestPause = Math.max(longestPause, now - last);
        last = now;
        if (!missed && after.puts === before.puts) continue;
        if (longestPause <= STEADY_MS) lifetimes.push(missed ? 'missed' : 'refreshed');
        [before, longestPause] = [after, 0];
      }
      return lifetimes;
    });
  }

  it('replaces the value before it expires, so that no read misses', async () => {
    const lifetimes = await lifetimeOutcomes((hot) => hot.getLong(), { earlyRefresh: 5 }, 4);
    expect(lifetimes).toEqual(Array<string>(4).fill('refreshed'));
  });

  it('is required: without it each expiry is a miss', async () => {
    expect(await lifetimeOutcomes((hot) => hot.get(), { earlyRefresh: 0 }, 2)).toEqual(['missed', 'missed']);
  });

  it('loads no more often than the TTL requires when reads are rare', async () => {
    await withCacheApp({ redisUrl: redis.server.url, providers: [Hot] }, async (app) => {
      const hot = app.get(Hot);
      for (let call = 0; call < 20; call++) await hot.getYoung();
      expect(hot.runs).toBe(1);
    });
  });
});
