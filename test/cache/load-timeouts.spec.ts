import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, currentCacheStatus, runWithCacheStatus } from '../../src/cache/index.js';
import { AppError } from '../../src/common/index.js';
import { until } from '../support/until.js';
import { createCacheApp, withCacheApp, type CacheApp } from './support/cache-app.js';
import { Source } from './support/deferred-notes.js';
import { useRedis } from './support/suite.js';
import { stopwatch } from '../support/stopwatch.js';

const TTL_MS = 60;
/** A limit has four timers, and Node may run each up to a millisecond early. */
const EARLY_MS = 4;
const SOFT_MS = 150;
const HARD_MS = 600;
const key = (id: number) => id;
const lasting = { cache: 'slow', key, ttl: TTL_MS, staleIfError: '1h' } as const;

@Injectable()
class Slow {
  readonly source = new Source();

  @Cacheable({ ...lasting, softTimeout: SOFT_MS, hardTimeout: HARD_MS })
  get(_id: number): Promise<string> {
    return this.source.request();
  }

  @Cacheable({ ...lasting, hardTimeout: HARD_MS, softTimeout: '1h' })
  getWithHardLimitOnly(_id: number): Promise<string> {
    return this.source.request();
  }

  @Cacheable(lasting)
  getByDefault(_id: number): Promise<string> {
    return this.source.request();
  }

  @CacheEvict({ cache: 'slow', key })
  evict(_id: number): Promise<void> {
    return Promise.resolve();
  }
}

/** Value, cache status and durations in ms of a call: wall-clock time, and without delays of the event loop. */
async function observe<T>(work: () => Promise<T>) {
  const elapsedMs = stopwatch();
  const start = performance.now();
  const [value, outcome] = await runWithCacheStatus(async () => [await work(), currentCacheStatus()] as const);
  return { value, outcome, ms: performance.now() - start, ownMs: elapsedMs() };
}

describe('a slow load', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Slow, Slow] = [new Slow(), new Slow()];

  beforeEach(async () => {
    const options = { redisUrl: redis.server.url, providers: [Slow] };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Slow), pods[1].get(Slow)];
    const first = a.get(1);
    await a.source.respond('first');
    await first;
    await sleep(TTL_MS + 10);
  });
  afterEach(async () => {
    for (const { source } of [a, b]) source.rejectAll();
    await Promise.all(pods.map((pod) => pod.close()));
  });

  const cached = () => pods[1].caches.get('slow').get<string>(1);

  it('is not awaited beyond the soft timeout when a stale value exists, and is stored in the end', async () => {
    const { value, outcome, ms, ownMs } = await observe(() => a.get(1));
    expect([value, outcome]).toEqual(['first', 'STALE']);
    expect(ms).toBeGreaterThanOrEqual(SOFT_MS - EARLY_MS);
    expect(ownMs).toBeLessThan(HARD_MS);
    await a.source.respond('second');
    await until(async () => (await cached())?.value === 'second');
    expect(a.source.runs).toBe(2);
    expect(pods[0].caches.stats()['slow']).toMatchObject({ stale: 1, softTimeouts: 1, hardTimeouts: 0, puts: 2 });
  });

  it('shares one soft timeout: a later caller waits only for the rest of it', async () => {
    await a.get(1);
    const { outcome, ownMs } = await observe(() => a.get(1));
    expect(outcome).toBe('STALE');
    expect(ownMs).toBeLessThan(SOFT_MS);
    expect(a.source.runs).toBe(2);
  });

  it('is left to the loading process while a stale value exists', async () => {
    const slow = a.get(1);
    await a.source.started(2);
    const { value, outcome, ownMs } = await observe(() => b.get(1));
    expect([value, outcome, b.source.runs]).toEqual(['first', 'STALE', 0]);
    expect(ownMs).toBeLessThan(HARD_MS);
    await slow;
  });

  it('is not stored when the entry is evicted after the soft timeout', async () => {
    await a.get(1);
    await b.evict(1);
    await a.source.respond('old');
    await until(() => pods[0].caches.stats()['slow']?.refusedPuts === 1);
    expect(await cached()).toBeUndefined();
  });

  it('fails as unavailable at the hard timeout without a stale value, and is stored in the end', async () => {
    const elapsedMs = stopwatch();
    const error: unknown = await a.get(2).catch((thrown: unknown) => thrown);
    expect(elapsedMs()).toBeLessThan(HARD_MS + 400);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: 'unavailable', headers: { 'Retry-After': expect.any(String) as string } });
    expect(pods[0].caches.stats()['slow']).toMatchObject({ hardTimeouts: 1 });
    await a.source.respond('late');
    await until(async () => (await pods[1].caches.get('slow').get(2)) !== undefined);
  });

  it('serves the stale value at the hard timeout if that comes first', async () => {
    const { value, outcome, ms } = await observe(() => a.getWithHardLimitOnly(1));
    expect([value, outcome]).toEqual(['first', 'STALE']);
    expect(ms).toBeGreaterThanOrEqual(HARD_MS - EARLY_MS);
  });

  it('has a default soft timeout of 250 ms wherever a stale value may be served', async () => {
    const { outcome, ms, ownMs } = await observe(() => a.getByDefault(1));
    expect(outcome).toBe('STALE');
    expect(ms).toBeGreaterThanOrEqual(250 - EARLY_MS);
    expect(ownMs).toBeLessThan(600);
  });

  it('may fail when no caller waits for it any more', async () => {
    await a.get(1);
    await a.source.fail(new Error('too late to be reported'));
    await until(() => pods[0].caches.stats()['slow']?.backgroundErrors === 1);
    const next = a.get(1);
    await a.source.respond('third');
    expect(await next).toBe('third');
  });

  it('does not keep the application from closing', async () => {
    await a.get(1);
    const elapsedMs = stopwatch();
    await pods[0].close();
    expect(elapsedMs()).toBeLessThan(1_000);
  });
});

describe('timeouts of a load', () => {
  const redis = useRedis();

  it.each([
    ['softTimeout', { softTimeout: '1s' }, 'has softTimeout without staleIfError'],
    ['hardTimeout', { hardTimeout: 0 }, 'hardTimeout is 0; it must be whole milliseconds from 1 to a year'],
  ])('are rejected at start when they cannot work (%s)', async (_what, options, problem) => {
    class Service {
      @Cacheable({ cache: 'refused', ...options })
      get(): Promise<string> {
        return Promise.resolve('never');
      }
    }
    const started = withCacheApp({ redisUrl: redis.server.url, providers: [Service] }, () => Promise.resolve());
    await expect(started).rejects.toThrow(problem);
  });

  it('are rejected beside an eviction, which has to wait for the method', async () => {
    class Service {
      @Cacheable({ cache: 'refused', hardTimeout: '1s' })
      @CacheEvict({ cache: 'refused', key: () => 'other' })
      get(): Promise<string> {
        return Promise.resolve('never');
      }
    }
    const started = withCacheApp({ redisUrl: redis.server.url, providers: [Service] }, () => Promise.resolve());
    await expect(started).rejects.toThrow('has a softTimeout or hardTimeout beside a put or an eviction');
  });
});
