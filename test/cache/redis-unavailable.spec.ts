import { Injectable } from '@nestjs/common';
import { AppError } from '../../src/common/index.js';
import { Cacheable, CacheEvict, CachePut, currentCacheStatus, runWithCacheStatus } from '../../src/cache/index.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { createCacheApp, keepTimeLimits, type CacheApp } from './support/cache-app.js';
import { stopwatch } from '../support/stopwatch.js';

keepTimeLimits();

class SourceUnavailableError extends AppError {
  constructor() {
    super({ kind: 'unavailable', code: 'SOURCE_UNAVAILABLE', detail: { en: 'unavailable', ko: '없음' } });
  }
}

const key = (id: number) => id;

@Injectable()
class Service {
  version = 1;
  runs = 0;
  error: Error | undefined;

  @Cacheable({ cache: 'notes', key })
  get(_id: number): Promise<number> {
    return this.read();
  }

  @Cacheable({ cache: 'notes', key, sync: true })
  getSync(_id: number): Promise<number> {
    return this.read();
  }

  @Cacheable({ cache: 'lasting', key, ttl: '50ms', staleIfError: '1h' })
  getLasting(_id: number): Promise<number> {
    return this.read();
  }

  /** A cached method that calls another. */
  @Cacheable({ cache: 'lasting', key: (id: number) => `outer ${id}` })
  async getThrough(id: number): Promise<number[]> {
    return [await this.getLasting(id)];
  }

  @CacheEvict({ cache: 'notes', key })
  change(_id: number): Promise<string> {
    this.version += 1;
    return Promise.resolve('changed');
  }

  @CachePut({ cache: 'notes', key })
  put(_id: number): Promise<number> {
    this.version += 1;
    return Promise.resolve(this.version);
  }

  @CacheEvict({ cache: 'lasting', allEntries: true })
  changeLasting(): Promise<void> {
    this.version += 1;
    return Promise.resolve();
  }

  private read(): Promise<number> {
    this.runs += 1;
    return this.error ? Promise.reject(this.error) : Promise.resolve(this.version);
  }
}

/** Value, cache status and duration in ms of a call. */
async function observe<T>(work: () => Promise<T>): Promise<[value: T, outcome: string | undefined, ms: number]> {
  const elapsedMs = stopwatch();
  const [value, outcome] = await runWithCacheStatus(async () => [await work(), currentCacheStatus()] as const);
  return [value, outcome, elapsedMs()];
}

describe('cached methods while Redis is unavailable', () => {
  let redis: ProvidedServer;
  let app: CacheApp;
  let service: Service;

  beforeEach(async () => {
    redis = await provideRedis('cache');
    app = await createCacheApp({ redisUrl: redis.url, providers: [Service] });
    service = app.get(Service);
  });
  afterEach(async () => {
    redis.resume();
    await app.close();
    await redis.drop();
  });

  it.each(['get', 'getSync'] as const)('run once when Redis refuses connections (%s)', async (method) => {
    await redis.stop();
    await untilDown();
    const times: number[] = [];
    for (let call = 1; call <= 20; call++) {
      const [value, outcome, ms] = await observe(() => service[method](1));
      expect([value, outcome, service.runs]).toEqual([1, 'BYPASS', call]);
      times.push(ms);
    }
    // The median: on a busy machine a single call may be delayed.
    expect(times.sort((one, other) => one - other)[10]).toBeLessThan(50);
  });

  it('return their result when a put or an eviction fails', async () => {
    await redis.stop();
    await untilDown();
    expect(await service.change(1)).toBe('changed');
    expect(await service.put(1)).toBe(3);
    expect(app.caches.stats()['notes']).toMatchObject({ evictionRetries: 1 });
  });

  it('pass on their own errors and run once', async () => {
    service.error = new Error('Connection is closed');
    await expect(service.get(1)).rejects.toBe(service.error);
    await redis.stop();
    await untilDown();
    await expect(service.get(1)).rejects.toBe(service.error);
    expect(service.runs).toBe(2);
  });

  it('hit again within 5 s of a restart, with no stale value', async () => {
    await service.get(1);
    await redis.stop();
    await untilDown();
    await service.change(1);
    await redis.start();
    const elapsedMs = stopwatch();
    await untilOutcome('HIT');
    expect(elapsedMs()).toBeLessThan(5_000);
    expect(await service.get(1)).toBe(2);
  });

  it('return the last value as stale while PostgreSQL is unavailable', async () => {
    await service.getLasting(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    service.error = new SourceUnavailableError();
    expect(await observe(() => service.getLasting(1))).toEqual([1, 'STALE', expect.any(Number)]);
    service.error = undefined;
    service.version = 2;
    expect(await observe(() => service.getLasting(1))).toEqual([2, 'MISS', expect.any(Number)]);
  });

  it('pass on other errors even if a last value exists', async () => {
    await service.getLasting(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    service.error = new TypeError('a bug');
    await expect(service.getLasting(1)).rejects.toBe(service.error);
  });

  it('never return a last value that was evicted', async () => {
    await service.getLasting(1);
    await service.changeLasting();
    service.error = new SourceUnavailableError();
    await expect(service.getLasting(1)).rejects.toBe(service.error);
  });

  it('do not store as fresh what was computed from a stale value', async () => {
    await service.getLasting(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    service.error = new SourceUnavailableError();
    expect(await observe(() => service.getThrough(1))).toEqual([[1], 'STALE', expect.any(Number)]);
    service.error = undefined;
    service.version = 2;
    expect(await observe(() => service.getThrough(1))).toEqual([[2], 'MISS', expect.any(Number)]);
  });

  it('work after Redis has lost the scripts', async () => {
    await service.get(1);
    await app.redis.script('FLUSH');
    expect(await observe(() => service.get(1))).toEqual([1, 'HIT', expect.any(Number)]);
  });

  async function untilDown(): Promise<void> {
    while (app.redis.status === 'ready') await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async function untilOutcome(wanted: string): Promise<void> {
    const deadline = Date.now() + 10_000;
    for (let outcome: string | undefined; outcome !== wanted; ) {
      if (Date.now() > deadline) throw new Error(`still ${outcome} after 10 s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      [, outcome] = await observe(() => service.get(1));
    }
  }
});
