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
    return this.source.ask();
  }

  @Cacheable({ ...lasting, hardTimeout: HARD_MS, softTimeout: '1h' })
  getWithHardLimitOnly(_id: number): Promise<string> {
    return this.source.ask();
  }

  @Cacheable(lasting)
  getByDefault(_id: number): Promise<string> {
    return this.source.ask();
  }

  @CacheEvict({ cache: 'slow', key })
  evict(_id: number): Promise<void> {
    return Promise.resolve();
  }
}

/** A value, its `X-Cache` outcome, and its duration in ms: by the clock, and without waits for a processor. */
async function seen<T>(work: () => Promise<T>) {
  const elapsedMs = stopwatch();
  const start = performance.now();
  const [value, outcome] = await runWithCacheStatus(async () => [await work(), currentCacheStatus()] as const);
  return { value, outcome, ms: performance.now() - start, ownMs: elapsedMs() };
}

describe('a load that takes long', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Slow, Slow] = [new Slow(), new Slow()];

  beforeEach(async () => {
    const options = { redisUrl: redis.server.url, providers: [Slow] };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Slow), pods[1].get(Slow)];
    const first = a.get(1);
    await a.source.answer('first');
    await first;
    await sleep(TTL_MS + 10);
  });
  afterEach(async () => {
    for (const { source } of [a, b]) source.rejectAll();
    await Promise.all(pods.map((pod) => pod.close()));
  });

  const kept = () => pods[1].caches.get('slow').get<string>(1);

  it('is not waited for past the soft limit when there is a value past its time, and is kept in the end', async () => {
    const { value, outcome, ms, ownMs } = await seen(() => a.get(1));
    expect([value, outcome]).toEqual(['first', 'STALE']);
    expect(ms).toBeGreaterThanOrEqual(SOFT_MS - EARLY_MS);
    expect(ownMs).toBeLessThan(HARD_MS);
    await a.source.answer('second');
    await until(async () => (await kept())?.value === 'second');
    expect(a.source.runs).toBe(2);
    expect(pods[0].caches.stats()['slow']).toMatchObject({ stale: 1, softTimeouts: 1, hardTimeouts: 0, puts: 2 });
  });

  it('has one soft limit for all: who comes later waits for what is left of it', async () => {
    await a.get(1);
    const { outcome, ownMs } = await seen(() => a.get(1));
    expect(outcome).toBe('STALE');
    expect(ownMs).toBeLessThan(SOFT_MS);
    expect(a.source.runs).toBe(2);
  });

  it('is left to the process that loads while there is a value past its time', async () => {
    const slow = a.get(1);
    await a.source.started(2);
    const { value, outcome, ownMs } = await seen(() => b.get(1));
    expect([value, outcome, b.source.runs]).toEqual(['first', 'STALE', 0]);
    expect(ownMs).toBeLessThan(HARD_MS);
    await slow;
  });

  it('is not kept when the entry was evicted after the soft limit', async () => {
    await a.get(1);
    await b.evict(1);
    await a.source.answer('old');
    await until(() => pods[0].caches.stats()['slow']?.refused === 1);
    expect(await kept()).toBeUndefined();
  });

  it('fails as unavailable at the hard limit when there is nothing else, and is kept in the end', async () => {
    const elapsedMs = stopwatch();
    const error: unknown = await a.get(2).catch((thrown: unknown) => thrown);
    expect(elapsedMs()).toBeLessThan(HARD_MS + 400);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: 'unavailable', headers: { 'Retry-After': expect.any(String) as string } });
    expect(pods[0].caches.stats()['slow']).toMatchObject({ hardTimeouts: 1 });
    await a.source.answer('late');
    await until(async () => (await pods[1].caches.get('slow').get(2)) !== undefined);
  });

  it('answers with the value past its time at the hard limit, if that comes first', async () => {
    const { value, outcome, ms } = await seen(() => a.getWithHardLimitOnly(1));
    expect([value, outcome]).toEqual(['first', 'STALE']);
    expect(ms).toBeGreaterThanOrEqual(HARD_MS - EARLY_MS);
  });

  it('has a soft limit of 250 ms wherever a value past its time may answer, unless it is given', async () => {
    const { outcome, ms, ownMs } = await seen(() => a.getByDefault(1));
    expect(outcome).toBe('STALE');
    expect(ms).toBeGreaterThanOrEqual(250 - EARLY_MS);
    expect(ownMs).toBeLessThan(600);
  });

  it('may fail when nobody waits for it any more', async () => {
    await a.get(1);
    await a.source.fail(new Error('too late to be told'));
    await until(() => pods[0].caches.stats()['slow']?.backgroundErrors === 1);
    const next = a.get(1);
    await a.source.answer('third');
    expect(await next).toBe('third');
  });

  it('does not keep the application from closing', async () => {
    await a.get(1);
    const elapsedMs = stopwatch();
    await pods[0].close();
    expect(elapsedMs()).toBeLessThan(1_000);
  });
});

describe('limits of a load', () => {
  const redis = useRedis();

  it.each([
    ['softTimeout', { softTimeout: '1s' }, 'has softTimeout without staleIfError'],
    ['hardTimeout', { hardTimeout: 0 }, 'hardTimeout is 0; it must be whole milliseconds from 1 to a year'],
  ])('are refused at start when they cannot work (%s)', async (_what, options, problem) => {
    class Service {
      @Cacheable({ cache: 'refused', ...options })
      get(): Promise<string> {
        return Promise.resolve('never');
      }
    }
    const started = withCacheApp({ redisUrl: redis.server.url, providers: [Service] }, () => Promise.resolve());
    await expect(started).rejects.toThrow(problem);
  });

  it('are refused beside an evict, which has to wait for the method', async () => {
    class Service {
      @Cacheable({ cache: 'refused', hardTimeout: '1s' })
      @CacheEvict({ cache: 'refused', key: () => 'other' })
      get(): Promise<string> {
        return Promise.resolve('never');
      }
    }
    const started = withCacheApp({ redisUrl: redis.server.url, providers: [Service] }, () => Promise.resolve());
    await expect(started).rejects.toThrow('has a softTimeout or hardTimeout beside a put or an evict');
  });
});
