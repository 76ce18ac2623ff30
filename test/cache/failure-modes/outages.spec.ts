import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE_MANAGER, type Cache as NestCache } from '@nestjs/cache-manager';
import { Injectable, Logger } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from '../../../src/cache/index.js';
import { DatabaseModule } from '../../../src/database/index.js';
import { provideDatabase, provideRedis, type ProvidedServer } from '../../support/services.js';
import { provideProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { createCacheApp, keepTimeLimits, withCacheApp, type CacheApp } from '../support/cache-app.js';
import { SqlNotes } from '../support/sql-notes.js';
import { useRedis } from '../support/suite.js';
import { stopwatch } from '../../support/stopwatch.js';

keepTimeLimits();

const key = (id: number) => id;

@Injectable()
class Versions {
  version = 1;
  runs = 0;
  /** Awaited by each load. */
  gate: () => Promise<unknown> = () => Promise.resolve();

  @Cacheable({ cache: 'versions', key })
  async get(_id: number): Promise<number> {
    this.runs += 1;
    await this.gate();
    return this.version;
  }

  @Cacheable({ cache: 'versions', key, sync: true })
  getSync(id: number): Promise<number> {
    return this.get(id + 1_000);
  }

  @CacheEvict({ cache: 'versions', key })
  change(_id: number): Promise<void> {
    this.version += 1;
    return Promise.resolve();
  }

  @CachePut({ cache: 'versions', key })
  async put(_id: number, meanwhile: () => Promise<unknown>): Promise<number> {
    await meanwhile();
    return this.version;
  }
}

/** Blocks loads; returns the function that releases them. */
function hold(...services: readonly Versions[]): () => void {
  let open: (value: unknown) => void = () => undefined;
  const gate = new Promise((resolve) => (open = resolve));
  for (const service of services) service.gate = () => gate;
  return () => open(undefined);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const elapsedMs = stopwatch();
  await work();
  return elapsedMs();
}

const nestCacheOf = (app: CacheApp) => app.get<NestCache>(CACHE_MANAGER);

describe('while Redis is unavailable', () => {
  let redis: ProvidedServer;
  let app: CacheApp;
  let versions: Versions;
  beforeEach(async () => {
    redis = await provideRedis('cache');
    app = await createCacheApp({ redisUrl: redis.url, providers: [Versions] });
    versions = app.get(Versions);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    redis.resume();
    await app.close();
    await redis.drop();
  });

  const stats = () => app.caches.get('versions').region.stats;
  const untilDown = () => until(() => app.redis.status !== 'ready');
  const untilHit = async () => {
    const { hits } = stats();
    await until(async () => {
      await versions.get(1);
      return stats().hits > hits;
    });
  };

  it('prevents failure mode 36: a request hangs while Redis refuses connections', async () => {
    await redis.stop();
    await untilDown();
    const times: number[] = [];
    for (let call = 1; call <= 200; call++) times.push(await timed(() => versions.get(1)));
    times.sort((one, other) => one - other);
    expect(versions.runs).toBe(200);
    expect(times[100]).toBeLessThan(5);
    expect(times[197]).toBeLessThan(50);
    expect(await timed(() => nestCacheOf(app).wrap('key', () => Promise.resolve(1)))).toBeLessThan(250);
  });

  it('prevents failure mode 37: a request hangs while Redis is frozen', async () => {
    const open = hold(versions);
    const loading = versions.get(1);
    await until(() => versions.runs === 1);
    redis.pause();
    open();
    expect(await timed(() => loading)).toBeLessThan(250);
    expect(await timed(() => versions.get(1))).toBeLessThan(250);
    await Promise.all(Array.from({ length: 10 }, () => versions.get(1)));
    expect(await timed(() => versions.get(1))).toBeLessThan(50);
    expect(await timed(() => nestCacheOf(app).wrap('key', () => Promise.resolve(1)))).toBeLessThan(500);
    redis.resume();
    expect(await timed(untilHit)).toBeLessThan(5_000);
  });

  describe('prevents failure mode 8: an eviction is lost while Redis is unavailable', () => {
    it('applies it before the cache is used again', async () => {
      await versions.get(1);
      redis.pause();
      await versions.change(1);
      redis.resume();
      for (let call = 0; call < 200; call++) expect(await versions.get(1)).toBe(2);
      await untilHit();
      expect(await versions.get(1)).toBe(2);
    });

    it('applies it from another process if the writer has ended', async () => {
      const [database, proxy] = [await provideDatabase(), await provideProxy(redis.url)];
      const common = { databaseUrl: database.url, imports: [DatabaseModule], providers: [SqlNotes] };
      const cutOff = await createCacheApp({ ...common, redisUrl: proxy.url });
      const other = await createCacheApp({ ...common, redisUrl: redis.url });
      await cutOff.get(SqlNotes).create();
      expect(await other.get(SqlNotes).get(1)).toBe('old');
      await proxy.refuse();
      await cutOff.get(SqlNotes).write(1, 'new');
      await cutOff.close();
      await until(async () => (await other.get(SqlNotes).get(1)) === 'new', 2_000);
      await other.close();
      await Promise.all([proxy.close(), database.drop()]);
    });
  });

  it('conformance 109: reports a failed eviction after the commit and retries it', async () => {
    const database = await provideDatabase();
    const options = { redisUrl: redis.url, databaseUrl: database.url, imports: [DatabaseModule] };
    await withCacheApp({ ...options, providers: [SqlNotes] }, async (stored) => {
      const [notes, cache] = [stored.get(SqlNotes), stored.caches.get('notes')];
      await notes.create();
      await notes.get(1);
      redis.pause();
      await notes.write(1, 'new').finally(() => redis.resume());
      expect(cache.region.stats.evictionRetries).toBe(1);
      await until(async () => {
        expect(await notes.get(1)).toBe('new');
        return (await cache.get(1)) !== undefined;
      });
      expect(await cache.get(1)).toEqual({ value: 'new' });
    });
    await database.drop();
  });

  it('prevents failure mode 38: store errors are invisible', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const { storage } = app.caches.get('versions').region;
    const failure = new Error('of the store');
    jest.spyOn(storage, 'read').mockRejectedValue(failure);
    for (let call = 1; call <= 3; call++) await versions.get(1);
    expect(stats().errors).toBe(3);
    jest.spyOn(storage, 'beginPut').mockRejectedValue(failure);
    await versions.put(1, () => Promise.resolve());
    expect(stats().errors).toBe(4);
    const lines = () => warn.mock.calls.map(([line]) => String(line));
    expect(lines()).toEqual(["get of '1' in cache 'versions' failed: Error: of the store"]);
    warn.mockClear();
    await redis.stop();
    await untilDown();
    for (let call = 1; call <= 3; call++) expect(await nestCacheOf(app).get('key')).toBeUndefined();
    expect(lines().filter((line) => line.startsWith('CACHE_MANAGER: '))).toHaveLength(1);
  });

  it('prevents failure mode 39: background work ends the process or keeps it alive', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const settings = { earlyRefresh: 1e12 };
    const busy = await createCacheApp({ redisUrl: redis.url, providers: [Versions], settings });
    const service = busy.get(Versions);
    await service.get(1);
    redis.pause();
    // A refresh, the release of a lease and a retried eviction all fail, and nothing awaits them.
    service.gate = () => Promise.reject(new Error('of the source'));
    await Promise.allSettled([service.get(1), service.get(2), service.change(1), service.get(1)]);
    const open = hold(service);
    const underWay = service.get(3);
    await sleep(300);
    expect(await timed(() => busy.close())).toBeLessThan(1_000);
    open();
    expect(await underWay).toBe(2);
    await sleep(50);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('prevents failure mode 45: an expiry starts a herd of loads', () => {
  const redis = useRedis();
  const createPods = (count: number, lease = '10s') =>
    Promise.all(
      Array.from({ length: count }, () =>
        createCacheApp({ redisUrl: redis.server.url, providers: [Versions], settings: { lease, remoteWaitMs: 5_000 } }),
      ),
    );

  it('loads once for 50 callers in each of 4 processes', async () => {
    const pods = await createPods(4);
    const services = pods.map((pod) => pod.get(Versions));
    const joins = pods.map((pod) => jest.spyOn(pod.caches.get('versions').region.singleFlight, 'join'));
    const open = hold(...services);
    const all = services.flatMap((service) => Array.from({ length: 50 }, () => service.get(1)));
    await until(() => joins.reduce((sum, { mock }) => sum + mock.calls.length, 0) >= 200);
    open();
    expect(await Promise.all(all)).toEqual(Array(200).fill(1));
    expect(services.reduce((sum, { runs }) => sum + runs, 0)).toBe(1);
    await Promise.all(pods.map((pod) => pod.close()));
  });

  it('loads elsewhere after the lease when its holder has died', async () => {
    const [dead, alive] = await createPods(2, '500ms');
    if (dead === undefined || alive === undefined) throw new Error('there are two');
    hold(dead.get(Versions));
    void dead.get(Versions).get(1);
    await until(() => dead.get(Versions).runs === 1);
    await dead.close();
    expect(await timed(() => alive.get(Versions).get(1))).toBeLessThan(1_500);
    expect(alive.get(Versions).runs).toBe(1);
    expect(await alive.caches.get('versions').get(1)).toEqual({ value: 1 });
    await alive.close();
  });
});

describe('prevents failure mode 50: lost version stamps make old writes valid again', () => {
  const redis = useRedis();
  const withVersions = (work: (versions: Versions, app: CacheApp) => Promise<void>) =>
    withCacheApp({ redisUrl: redis.server.url, providers: [Versions] }, (app) => work(app.get(Versions), app));
  const losses: Record<string, () => Promise<unknown>> = {
    FLUSHALL: () => redis.client.flushall(),
    'the loss of the stamps': async () => redis.client.unlink(await redis.client.keys('*}:all')),
  };

  it.each(Object.keys(losses))('refuses a load when %s came between lease and fill', async (loss) => {
    await withVersions(async (versions, app) => {
      versions.gate = losses[loss] ?? versions.gate;
      expect(await versions.get(1)).toBe(1);
      expect(await app.caches.get('versions').get(1)).toBeUndefined();
      expect(app.caches.stats()['versions']).toMatchObject({ refusedPuts: 1, puts: 0 });
    });
  });

  it.each(Object.keys(losses))('refuses a put when %s came while its method ran', async (loss) => {
    await withVersions(async (versions, app) => {
      await versions.put(1, losses[loss] ?? versions.gate);
      expect(await app.caches.get('versions').get(1)).toBeUndefined();
    });
  });

  it('treats entries as invalid when their stamps are lost', async () => {
    await withVersions(async (versions) => {
      await versions.get(1);
      await losses['the loss of the stamps']?.();
      versions.version = 2;
      expect(await versions.get(1)).toBe(2);
    });
  });
});
