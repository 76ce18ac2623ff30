import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, currentCacheStatus, runWithCacheStatus } from '../../src/cache/index.js';
import { AppError } from '../../src/common/index.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { createCacheApp, keepTimeLimits, type CacheApp } from './support/cache-app.js';
import { Source } from './support/deferred-notes.js';
import { useCacheApp, useRedis } from './support/suite.js';
import { stopwatch } from '../support/stopwatch.js';

keepTimeLimits();

class SourceUnavailableError extends AppError {
  constructor() {
    super({ kind: 'unavailable', code: 'SOURCE_UNAVAILABLE', detail: { en: 'unavailable', ko: '없음' } });
  }
}

const key = (id: unknown) => id;
const graceful = { cache: 'graceful', key, ttl: '50ms', staleIfError: '500ms' } as const;

/** The methods of the portable cases, with our decorators. The test settles each run of a method. */
@Injectable()
class Service {
  readonly source = new Source();

  @Cacheable({ cache: 'plain', key, tags: (id: unknown) => [`of ${String(id)}`.slice(0, 20), 'all of it'] })
  get(_id: unknown): Promise<string> {
    return this.source.request();
  }

  @Cacheable({ ...graceful, softTimeout: '100ms', hardTimeout: '300ms' })
  getGracefully(_id: unknown): Promise<string> {
    return this.source.request();
  }

  @Cacheable({ cache: 'plain', key, ttl: '50ms' })
  getBriefly(_id: unknown): Promise<string> {
    return this.source.request();
  }

  @CacheEvict({ cache: 'plain', key })
  @CacheEvict({ cache: 'graceful', key })
  evict(_id: unknown): Promise<void> {
    return Promise.resolve();
  }

  @CacheEvict({ cache: 'plain', tags: (tag: string) => [tag] })
  evictTag(_tag: string): Promise<void> {
    return Promise.resolve();
  }
}

const outcomeOf = (work: () => Promise<unknown>) =>
  runWithCacheStatus(async () => [await work().catch((error: unknown) => error), currentCacheStatus()] as const);

/** Calls a method, settles its run, and returns the value. */
async function settled(service: Service, call: Promise<string>, value: string): Promise<string> {
  await service.source.respond(value);
  return call;
}

describe('portable cases of other caches', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Service] });
  let service: Service;
  let before = 0;
  beforeEach(() => {
    service = app().get(Service);
    before = service.source.runs;
    app().caches.get('graceful').region.stats.reset();
  });
  const puts = () => app().caches.get('graceful').region.stats.puts;
  const runs = () => service.source.runs - before;

  describe('conformance 121: passes the portable cases of the Rails cache store', () => {
    it('race_condition_ttl, skipped: an expired entry is not served without it', async () => {
      await settled(service, service.getBriefly(1), 'old');
      await sleep(60);
      expect(await settled(service, service.getBriefly(1), 'new')).toBe('new');
    });

    it('race_condition_ttl, works: one caller loads while the others get the last value', async () => {
      await settled(service, service.getGracefully(1), 'old');
      await sleep(60);
      const [first, second] = await Promise.all([1, 2].map(() => outcomeOf(() => service.getGracefully(1))));
      expect([first, second]).toEqual([['old', 'STALE'], ['old', 'STALE']]);
      expect(runs()).toBe(2);
      await service.source.respond('new');
      await until(() => puts() === 2);
    });

    it('race_condition_ttl, limited: no longer than configured', async () => {
      await settled(service, service.getGracefully('limited'), 'old');
      await sleep(600);
      expect(await settled(service, service.getGracefully('limited'), 'new')).toBe('new');
    });

    it('race_condition_ttl, safe: never an evicted value', async () => {
      await settled(service, service.getGracefully('safe'), 'old');
      await service.evict('safe');
      expect(await settled(service, service.getGracefully('safe'), 'new')).toBe('new');
    });

    it('misses an entry of another version and hits one of the right version', async () => {
      await settled(service, service.get('version'), 'right');
      expect(await service.get('version')).toBe('right');
      const [entry = ''] = await redis.client.keys('*:entry:"version"');
      await redis.client.hset(entry, 'value', 'l{"$":["instance","of another release",2,[]]}');
      expect(await settled(service, service.get('version'), 'loaded again')).toBe('loaded again');
    });

    it('accepts very long keys and absurd characters', async () => {
      const long = 'x'.repeat(900_000);
      const strange = ['\ud83d\ude00', 'Ünïcødé', '\u0000\r\n\t', '../../etc', '%00', '{}', '"', "'", ' ', '*'];
      const keys = [long, `${long}y`, ...strange];
      for (const [index, absurd] of keys.entries()) await settled(service, service.get(absurd), `value ${index}`);
      const values = await Promise.all(keys.map((absurd) => service.get(absurd)));
      expect(values).toEqual(keys.map((_key, index) => `value ${index}`));
      expect(Math.max(...(await redis.client.keys('*')).map((each) => each.length))).toBeLessThan(250);
    });

    it('gives each caller a private copy', async () => {
      const cache = app().caches.get('plain');
      await cache.put('mutable', { tags: ['a'] });
      const first = await cache.get<{ tags: string[] }>('mutable');
      first?.value.tags.push('b');
      expect(await cache.get('mutable')).toEqual({ value: { tags: ['a'] } });
    });
  });

  describe('conformance 122: passes the portable cases of BentoCache', () => {
    it('stampede: 1000 concurrent callers, one load', async () => {
      const callers = Array.from({ length: 1_000 }, () => service.get('stampede'));
      await service.source.respond('loaded');
      expect(new Set(await Promise.all(callers))).toEqual(new Set(['loaded']));
      expect(runs()).toBe(1);
    });

    it('timeouts: soft serves the last value, hard an error, and the load continues', async () => {
      const late = await outcomeOf(() => service.getGracefully('timeout'));
      expect(late).toEqual([expect.objectContaining({ kind: 'unavailable' }), undefined]);
      await service.source.respond('late');
      await until(() => puts() === 1);
    });

    it('grace: serves the last value while the source is unavailable, for a limited time', async () => {
      await settled(service, service.getGracefully('grace'), 'last');
      await sleep(60);
      const graceful = outcomeOf(() => service.getGracefully('grace'));
      await service.source.fail(new SourceUnavailableError());
      expect(await graceful).toEqual(['last', 'STALE']);
      await sleep(550);
      const late = service.getGracefully('grace');
      await service.source.fail(new SourceUnavailableError());
      await expect(late).rejects.toThrow(SourceUnavailableError);
    });

    it('stale while revalidating: later callers get the result of the slow load', async () => {
      await settled(service, service.getGracefully('swr'), 'first');
      await sleep(60);
      expect(await outcomeOf(() => service.getGracefully('swr'))).toEqual(['first', 'STALE']);
      await service.source.respond('second');
      await until(() => puts() === 2);
      expect(runs()).toBe(2);
    });

    it('tagging: evicts every entry with a tag and no other', async () => {
      for (const id of ['a', 'b']) await settled(service, service.get(id), `first ${id}`);
      await service.evictTag('of a');
      expect(await settled(service, service.get('a'), 'second a')).toBe('second a');
      expect([await service.get('a'), await service.get('b')]).toEqual(['second a', 'first b']);
      await service.evictTag('all of it');
      for (const id of ['a', 'b']) expect(await settled(service, service.get(id), `third ${id}`)).toBe(`third ${id}`);
    });
  });

  describe('conformance 123: passes the portable cases of Caffeine', () => {
    it('refresh_invalidate: does not store a refresh that an eviction overtook', async () => {
      await settled(service, service.getGracefully('refresh'), 'old');
      await sleep(60);
      const refresh = service.getGracefully('refresh');
      await until(() => runs() === 2);
      await service.evict('refresh');
      await service.source.respond('old again');
      await refresh;
      expect(await app().caches.get('graceful').get('refresh')).toBeUndefined();
    });

    it('refresh_absentThenInvalidate_doesNotResurrect: nor the first load of an entry', async () => {
      const loading = service.get('absent');
      await until(() => runs() === 1);
      await service.evict('absent');
      await service.source.respond('old');
      expect(await loading).toBe('old');
      expect(await app().caches.get('plain').get('absent')).toBeUndefined();
    });
  });

  it('conformance 124: passes the stampede case of FusionCache', async () => {
    const callers = [1, 2, 3].flatMap((id) => Array.from({ length: 50 }, () => service.get(`stampede ${id}`)));
    for (const _each of [1, 2, 3]) await service.source.respond('loaded');
    expect(await Promise.all(callers)).toEqual(Array(150).fill('loaded'));
    expect(runs()).toBe(3);
  });
});

describe('portable cases of other caches while Redis is unavailable', () => {
  let redis: ProvidedServer;
  let app: CacheApp;
  let service: Service;
  beforeEach(async () => {
    redis = await provideRedis('cache');
    app = await createCacheApp({ redisUrl: redis.url, providers: [Service] });
    service = app.get(Service);
  });
  afterEach(async () => {
    await app.close();
    await redis.drop();
  });

  it('Rails failure_safety: a read misses, a write does nothing, a fetch runs its loader', async () => {
    const cache = app.caches.get('plain');
    await redis.stop();
    expect(await cache.get(1)).toBeUndefined();
    await cache.put(1, 'value');
    await Promise.all([cache.evict(1), cache.evictTags(['tag']), cache.clear()]);
    expect(await cache.getOrLoad(1, () => Promise.resolve('loaded'))).toBe('loaded');
  });

  it('BentoCache circuit breaker: opens after a few failures and closes by itself', async () => {
    redis.pause();
    for (let call = 1; call <= 10; call++) await settled(service, service.get(1), 'loaded');
    const elapsedMs = stopwatch();
    await settled(service, service.get(1), 'loaded');
    expect(elapsedMs()).toBeLessThan(50);
    redis.resume();
    await until(async () => {
      const call = service.get(1);
      await Promise.race([call, service.source.respond('loaded')]);
      await call;
      return (app.caches.stats()['plain']?.puts ?? 0) > 0;
    });
  });

  it('FusionCache AutoRecoveryTests: an eviction during the outage is applied after recovery', async () => {
    await settled(service, service.get(1), 'old');
    redis.pause();
    await service.evict(1);
    redis.resume();
    const cache = app.caches.get('plain');
    expect(await cache.getOrLoad(1, () => Promise.resolve('new'))).toBe('new');
    await until(async () => {
      expect(await cache.getOrLoad(1, () => Promise.resolve('new'))).toBe('new');
      return cache.region.stats.hits > 0;
    });
    expect(await cache.get(1)).toEqual({ value: 'new' });
  });
});
