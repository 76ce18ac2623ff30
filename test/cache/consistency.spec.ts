import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CacheManager } from '../../src/cache/index.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { AppError, ServiceUnavailableError } from '../../src/common/index.js';
import { WithoutLeases } from '../race/subjects/guards-off.js';
import { seededRandom, SEED } from '../support/seeded-random.js';
import { until } from '../support/until.js';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const key = (id: number) => id;

class NotThereError extends AppError {
  constructor() {
    super({ kind: 'not-found', code: 'NOT_THERE', detail: { en: 'not there', ko: '없음' } });
  }
}

/** Counters that are slow to read. */
@Injectable()
class Counters {
  readonly values = new Map<number, number>();
  fault: Error | undefined;
  takesMs = () => 0;
  held = Promise.resolve();
  reads = 0;

  @Cacheable({ cache: 'counters', key, response: (value: number) => ({ value }) })
  async get(id: number): Promise<number> {
    if (this.fault !== undefined) throw this.fault;
    const value = this.values.get(id) ?? 0;
    this.reads += 1;
    await this.held;
    await pause(this.takesMs());
    return value;
  }

  @CacheEvict({ cache: 'counters', key })
  async add(id: number): Promise<void> {
    this.addByHand(id);
    return Promise.resolve();
  }

  addByHand(id: number): void {
    this.values.set(id, (this.values.get(id) ?? 0) + 1);
  }
}

describe(`sampled verification of hits (SEED=${SEED})`, () => {
  const redis = useRedis();
  let app: CacheApp;

  const start = async (oneIn: number, overrides: { token: unknown; value: unknown }[] = []) => {
    const settings = { verifySampleOneIn: oneIn, earlyRefresh: 0 };
    app = await createCacheApp({ redisUrl: redis.server.url, providers: [Counters], settings, overrides });
    return app.get(Counters);
  };
  const stats = () => {
    const { checks = 0, differences = 0, backgroundErrors = 0 } = app.caches.stats()['counters'] ?? {};
    return { checks, differences, backgroundErrors };
  };
  /** Reads, which triggers verifications, until the condition holds. */
  const readUntil = (counters: Counters, holds: () => boolean) => until(async () => (await counters.get(1), holds()));
  afterEach(() => app.close());

  /** Concurrent reads and writes of a few entries, so that writes often overtake loads. */
  const play = async (counters: Counters, rounds: number) => {
    const random = seededRandom(SEED);
    counters.takesMs = () => Math.floor(random() * 4);
    for (let round = 0; round < rounds; round += 1) {
      const ids = Array.from({ length: 9 }, () => Math.floor(random() * 8));
      const writes = ids.slice(0, 3).map((id) => pause(random() * 3).then(() => counters.add(id)));
      await Promise.all([...writes, ...ids.map((id) => counters.get(id))]);
    }
    counters.takesMs = () => 0;
    for (let id = 0; id < 8; id += 1) await counters.get(id);
  };

  it('finds no stale hit under concurrent writes', async () => {
    const counters = await start(1);
    await play(counters, 300);
    const { checks } = stats();
    await readUntil(counters, () => stats().checks > checks + 20);
    expect(checks).toBeGreaterThan(0);
    expect(stats()).toMatchObject({ differences: 0, backgroundErrors: 0 });
  });

  it('finds stale hits when leases are disabled', async () => {
    const counters = await start(1, [{ token: RedisStorage, value: new WithoutLeases(redis.client, 10_000) }]);
    let release: () => void = () => undefined;
    counters.held = new Promise((resolve) => (release = resolve));
    const old = counters.get(1);
    await until(() => counters.reads === 1);
    await counters.add(1);
    release();
    expect([await old, await counters.get(1)]).toEqual([0, 0]);
    await readUntil(counters, () => stats().differences === 1);
  });

  it('finds a change made behind the cache, evicts the entry, and finds nothing afterwards', async () => {
    const counters = await start(1);
    await counters.get(1);
    counters.addByHand(1);
    expect(await counters.get(1)).toBe(0);
    await until(() => stats().differences === 1);
    await until(async () => (await counters.get(1)) === 1);
    const { checks } = stats();
    await readUntil(counters, () => stats().checks > checks + 3);
    expect(stats().differences).toBe(1);
  });

  it.each([
    ['is unavailable', new ServiceUnavailableError()],
    ['fails', new TypeError('fetch failed')],
  ])('reports nothing and delays no caller while the source %s', async (_what, fault) => {
    const counters = await start(1);
    await counters.get(1);
    counters.fault = fault;
    const begin = performance.now();
    await readUntil(counters, () => stats().backgroundErrors > 0 && performance.now() - begin > 2_500);
    expect(await counters.get(1)).toBe(0);
    expect(stats().differences).toBe(0);
  });

  it('finds a row that no longer exists', async () => {
    const counters = await start(1);
    await counters.get(1);
    counters.fault = new NotThereError();
    await until(async () => (await counters.get(1).catch(() => 'gone')) === 'gone');
    expect(stats().differences).toBe(1);
  });

  it('does not run the loader of getOrLoad again', async () => {
    await start(1);
    let loads = 0;
    const load = () => Promise.resolve((loads += 1));
    for (let at = 0; at < 20; at += 1) expect(await app.caches.get('by-hand').getOrLoad(1, load)).toBe(1);
    expect([loads, app.caches.stats()['by-hand']?.checks]).toEqual([1, 0]);
  });

  it('runs no method again when the sample rate is 0', async () => {
    const counters = await start(0);
    for (let at = 0; at < 100; at += 1) await counters.get(1);
    expect(stats().checks).toBe(0);
  });
});

describe('the sample rate of the verification', () => {
  it.each([-1, 0.5, NaN])('rejects %p', (oneIn) => {
    expect(() => CacheManager.none().derive({ prefix: 'checked', verifySampleOneIn: oneIn })).toThrow(RangeError);
  });
});
