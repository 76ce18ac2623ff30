import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { isUnavailable } from '../../src/common/index.js';
import { LockBusyError, LockLostError, Locks, type LockHandle } from '../../src/locks/index.js';
import { seededRandom, SEED } from '../support/seeded-random.js';
import { provideRedis } from '../support/services.js';
import { given } from '../support/given.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { openTill, type Till } from './till.js';
import { stopwatch } from '../support/stopwatch.js';

/** Longer than a busy machine delays a process. */
const TTL = { ttl: '1s' };

describe(`Locks, over several processes (SEED=${SEED})`, () => {
  const servers = useServers();
  let client: Redis;
  let modules: TestingModule[];
  let [a, b]: Till[] = [];
  let [locks, elsewhere]: Locks[] = [];

  beforeAll(async () => {
    client = new Redis(servers.redisUrl);
    const opened = [await openTill(servers), await openTill(servers)];
    modules = opened.map(({ module }) => module);
    [a, b] = opened.map(({ till }) => till);
    [locks, elsewhere] = modules.map((module) => module.get(Locks));
  });
  servers.beforeDrop(async () => {
    await Promise.all(modules.map((module) => module.close()));
    client.disconnect();
  });
  beforeEach(async () => {
    await given(a).open();
    await client.del('lock:{test}', 'lock:{till}');
  });

  it('gives the lock to one holder at a time, with increasing fencing tokens', async () => {
    const random = seededRandom(SEED);
    const fences: number[] = [];
    let inside = 0;
    const recordFence = async ({ fence }: LockHandle) => {
      fences.push(fence);
      expect((inside += 1)).toBe(1);
      await sleep(random() * 4);
      inside -= 1;
    };
    const calls = Array.from({ length: 100 }, (_, at) => given(at % 2 === 0 ? a : b).add(`caller ${at}`, recordFence));
    await Promise.all(calls);
    expect((await given(a).read()).amount).toBe(100);
    expect(fences).toEqual([...fences].sort((one, other) => one - other));
    expect(new Set(fences).size).toBe(100);
  });

  it('waits only if requested, and no longer than the given time', async () => {
    const held = given(locks).run('test', TTL, () => sleep(1_500));
    await until(async () => (await client.exists('lock:{test}')) === 1);
    const never = () => Promise.reject(new Error('ran'));
    await expect(given(elsewhere).run('test', TTL, never)).rejects.toBeInstanceOf(LockBusyError);
    const elapsedMs = stopwatch();
    await expect(given(elsewhere).run('test', { ...TTL, wait: 100 }, never)).rejects.toBeInstanceOf(LockBusyError);
    expect(elapsedMs()).toBeLessThan(1_200);
    await held;
  });

  it('releases the lock when the work ends or throws', async () => {
    expect(await given(locks).run('test', TTL, () => Promise.resolve('done'))).toBe('done');
    await expect(given(locks).run('test', TTL, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await client.exists('lock:{test}')).toBe(0);
    expect(await given(elsewhere).run('test', TTL, () => Promise.resolve('free'))).toBe('free');
  });

  it('renews the lock while the work runs', async () => {
    const work = given(locks).run('test', TTL, () => sleep(4_000));
    await until(async () => (await client.exists('lock:{test}')) === 1);
    for (let turn = 0; turn < 40; turn += 1) {
      await sleep(50);
      expect(await client.exists('lock:{test}')).toBe(1);
    }
    await work;
  });

  it('aborts the work of a holder whose lock another took, and does not release that lock', async () => {
    let aborted: unknown;
    const work = given(locks).run('test', TTL, async ({ signal }) => {
      await client.set('lock:{test}', 'another', 'PX', 5_000);
      await until(() => signal.aborted);
      aborted = signal.reason;
    });
    await expect(work).rejects.toBeInstanceOf(LockLostError);
    expect(aborted).toBeInstanceOf(LockLostError);
    expect(await client.get('lock:{test}')).toBe('another');
  });

  it('reports the loss of the lock when its TTL ends before Redis responds, and not before', async () => {
    const work = given(locks).run('test', TTL, async ({ signal }) => {
      servers.redis.pause();
      const begin = performance.now();
      await until(() => signal.aborted);
      return performance.now() - begin;
    });
    await expect(work).rejects.toBeInstanceOf(LockLostError);
    servers.redis.resume();
    const again = () => given(locks).run('test', { ...TTL, wait: 500 }, () => Promise.resolve('free'));
    await until(async () => (await again().catch(() => 'unavailable')) === 'free');
  });

  it.each([-86_400_000, 86_400_000])('keeps the TTL when the wall clock steps by %i ms', async (step) => {
    const now = Date.now.bind(Date);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + step);
    const work = given(locks).run('test', TTL, () => sleep(1_500).then(() => 'done'));
    await until(async () => (await client.exists('lock:{test}')) === 1);
    await expect(given(elsewhere).run('test', TTL, () => Promise.resolve())).rejects.toBeInstanceOf(LockBusyError);
    expect(await work).toBe('done');
    clock.mockRestore();
  });

  it('continues the fencing tokens after Redis lost all data', async () => {
    const fenceOf = () => given(locks).run('test', TTL, ({ fence }) => Promise.resolve(fence));
    const before = await fenceOf();
    await client.flushall();
    expect(await fenceOf()).toBeGreaterThan(before);
  });

  it.each([
    ['a b', { ttl: 1 }],
    ['ok', { ttl: 0 }],
    ['ok', { ttl: 'soon' }],
    ['ok', { ttl: 1, wait: -1 }],
  ])('rejects %p with %p', async (name, options) => {
    await expect(given(locks).run(name, options, () => Promise.resolve())).rejects.toBeInstanceOf(RangeError);
  });

  it('rejects immediately while Redis is unavailable', async () => {
    const alone = await provideRedis();
    const { module } = await openTill({ ...servers, redisUrl: alone.url });
    await alone.stop();
    const error = await module.get(Locks).run('test', TTL, () => Promise.resolve()).catch((reason: unknown) => reason);
    expect(isUnavailable(error)).toBe(true);
    await module.close();
    await alone.drop();
  });
});
