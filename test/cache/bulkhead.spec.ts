import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CachePut, runWithCacheStatus, type CacheSettings } from '../../src/cache/index.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { createCacheApp, keepTimeLimits, type CacheApp } from './support/cache-app.js';
import { Source } from './support/deferred-notes.js';
import { stopwatch } from '../support/stopwatch.js';

keepTimeLimits();

const key = (id: number) => id;

@Injectable()
class Service {
  readonly source = new Source();

  @Cacheable({ cache: 'lists', key })
  get(_id: number): Promise<string[]> {
    return this.source.request();
  }

  @Cacheable({ cache: 'lists', key: () => 'own', scope: 'user' })
  async getOwn(): Promise<string> {
    return (await this.getOfUser()).join();
  }

  @Cacheable({ cache: 'lists', key: () => 'of user', scope: 'user' })
  getOfUser(): Promise<string[]> {
    return this.source.request();
  }

  @Cacheable({ cache: 'outer' })
  getAll(ids: readonly number[]): Promise<string[][]> {
    return Promise.all(ids.map((id) => this.get(id)));
  }

  @CachePut({ cache: 'lists', key })
  put(_id: number): Promise<string[]> {
    return this.source.request();
  }
}

describe('loads while Redis is unavailable', () => {
  let redis: ProvidedServer;
  let app: CacheApp;
  let service: Service;

  beforeAll(async () => {
    redis = await provideRedis('cache');
    await redis.stop();
  });
  afterAll(() => redis.drop());
  afterEach(() => app.close());

  async function start(settings: CacheSettings = {}): Promise<Source> {
    app = await createCacheApp({ redisUrl: redis.url, providers: [Service], settings });
    service = app.get(Service);
    return service.source;
  }
  const stats = () => app.caches.stats()['lists'];
  const calls = (ids: readonly number[]) => ids.map((id) => service.get(id));
  const numbers = (count: number) => Array.from({ length: count }, (_each, index) => index + 1);

  it('are shared by all callers that arrive before the load begins, each with its own copy', async () => {
    const source = await start();
    const first = service.get(1);
    await source.started();
    const others = calls(Array<number>(49).fill(1));
    await sleep(20);
    await source.respond(['v1']);
    await source.respond(['v2']);
    expect(await first).toEqual(['v1']);
    const results = await Promise.all(others);
    expect(results).toEqual(Array(49).fill(['v2']));
    results[0]?.push('changed by its caller');
    expect(results[1]).toEqual(['v2']);
    expect(source.runs).toBe(2);
    expect(stats()).toMatchObject({ bypasses: 50, loads: 2 });
  });

  it('are not joined after they have begun, because a later caller may know of a change', async () => {
    const source = await start();
    const before = service.get(1);
    await source.started();
    const after = service.get(1);
    await source.respond(['old']);
    await source.respond(['new']);
    expect([await before, await after]).toEqual([['old'], ['new']]);
  });

  it('do not wait for a hanging load of the same entry', async () => {
    const source = await start();
    const [hanging] = calls([1]);
    await source.started();
    const late = service.get(1);
    await source.started(2);
    await source.respond(['slow']);
    await source.respond(['quick']);
    expect([await hanging, await late]).toEqual([['slow'], ['quick']]);
  });

  it('run up to the concurrency limit, the others in order', async () => {
    const source = await start({ bulkhead: { concurrency: 3 } });
    const all = calls(numbers(9));
    await source.started(3);
    for (const responses of numbers(9)) {
      await sleep(10);
      expect(source.runs).toBe(Math.min(9, responses + 2));
      await source.respond([`${responses}`]);
    }
    expect((await Promise.all(all)).flat()).toEqual(numbers(9).map(String));
  });

  it('fail as unavailable when the queue is full', async () => {
    const source = await start({ bulkhead: { concurrency: 1, queue: 2 } });
    const all = calls(numbers(3));
    await source.started();
    await sleep(10);
    const elapsedMs = stopwatch();
    await expect(service.get(4)).rejects.toMatchObject({ kind: 'unavailable', headers: { 'Retry-After': '2' } });
    expect(elapsedMs()).toBeLessThan(200);
    expect(stats()).toMatchObject({ rejectedLoads: 1 });
    for (const id of numbers(3)) await source.respond([`${id}`]);
    await Promise.all(all);
    const again = service.get(4);
    await source.respond(['4']);
    expect(await again).toEqual(['4']);
  });

  it('fail as unavailable when their turn does not come within 750 ms', async () => {
    const source = await start({ bulkhead: { concurrency: 1 } });
    const [hanging] = calls([1]);
    await source.started();
    const elapsedMs = stopwatch();
    const settled = await Promise.allSettled(calls([2, 2, 3]));
    expect(settled.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    expect(elapsedMs()).toBeLessThan(1_500);
    await source.respond(['at last']);
    await hanging;
    const next = service.get(2);
    await source.respond(['next']);
    expect([await next, source.runs]).toEqual([['next'], 2]);
  });

  it('take no second slot for a nested load', async () => {
    const source = await start({ bulkhead: { concurrency: 1 } });
    const all = service.getAll([1, 2, 3]);
    for (const id of numbers(3)) await source.respond([`${id}`]);
    expect(await all).toEqual([['1'], ['2'], ['3']]);
  });

  it('fail for all callers that share them and for no later caller', async () => {
    const source = await start();
    const first = service.get(1);
    await source.started();
    const others = calls([1, 1]);
    await sleep(20);
    await source.respond(['v1']);
    await first;
    const error = new Error('of the loader');
    await source.fail(error);
    expect(await Promise.allSettled(others)).toEqual(Array(2).fill({ status: 'rejected', reason: error }));
    const next = service.get(1);
    await source.respond(['v2']);
    expect(await next).toEqual(['v2']);
  });

  it('see the user of their caller after waiting for a slot', async () => {
    const source = await start({ bulkhead: { concurrency: 1 } });
    const blocking = service.get(1);
    await source.started();
    const own = ['kim', 'lee'].map((user) => runWithCacheStatus(() => service.getOwn(), () => user));
    await source.respond(['blocking']);
    await source.respond(['first']);
    await source.respond(['second']);
    await blocking;
    expect((await Promise.all(own)).sort()).toEqual(['first', 'second']);
  });

  it('do not delay writes', async () => {
    const source = await start({ bulkhead: { concurrency: 1, queue: 1 } });
    const all = calls([1, 2]);
    await source.started();
    const write = service.put(3);
    await source.started(2);
    await source.respond(['1']);
    await source.respond(['written']);
    expect(await write).toEqual(['written']);
    await source.respond(['2']);
    await Promise.all(all);
    expect(stats()).toMatchObject({ rejectedLoads: 0 });
  });
});

describe('waiters for the load of another process, when Redis stops', () => {
  let redis: ProvidedServer;
  let apps: readonly CacheApp[] = [];
  beforeEach(async () => {
    redis = await provideRedis('cache');
    const options = { redisUrl: redis.url, providers: [Service], settings: { bulkhead: { concurrency: 3 } } };
    apps = [await createCacheApp(options), await createCacheApp(options)];
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await redis.drop();
  });

  it('stay within the concurrency limit and are not counted as waits without a value', async () => {
    const [holder, waiter] = apps.map((app) => app.get(Service)) as [Service, Service];
    const ids = Array.from({ length: 100 }, (_each, index) => index);
    const held = ids.map((id) => holder.get(id));
    await holder.source.started(100);
    const waiting = Promise.allSettled(ids.map((id) => waiter.get(id)));
    const stats = () => apps[1]?.caches.stats()['lists'];
    await until(() => stats()?.leaseWaits === 100);
    await redis.stop();
    await until(() => stats()?.rejectedLoads === 97);
    expect(waiter.source.runs).toBe(3);
    for (let run = 1; run <= 3; run += 1) await waiter.source.respond(['loaded']);
    const settled = await waiting;
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(stats()).toMatchObject({ leaseWaits: 100, leaseWaitTimeouts: 0, bypasses: 3 });
    for (const _each of ids) await holder.source.respond(['held']);
    await Promise.all(held);
  });
});
