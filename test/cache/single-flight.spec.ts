import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_MS } from '../../src/cache/storage/cache-storage.js';
import { until } from '../support/until.js';
import { createCacheApp } from './support/cache-app.js';
import { Notes, v1, v2 } from './support/deferred-notes.js';
import { usePods } from './support/pods.js';
import { useRedis } from './support/suite.js';
import { stopwatch } from '../support/stopwatch.js';

describe('single flight across processes', () => {
  const pods = usePods(useRedis());

  it('loads a value once while many instances request it', async () => {
    const { a, b, apps } = pods;
    const slow = a.get(1);
    await a.source.started();
    const others = Array.from({ length: 20 }, () => b.get(1));
    await pods.joined(21);
    await sleep(LEASE_MS + 500);
    expect(b.source.runs).toBe(0);
    await a.source.respond(v1);
    expect(await Promise.all([slow, ...others])).toEqual(Array(21).fill(v1));
    expect(b.source.runs).toBe(0);
    expect(await apps[1].caches.get('notes').get(1)).toEqual({ value: v1 });
    expect(apps[1].caches.stats()['notes']).toMatchObject({ leaseWaits: 1, leaseWaitTimeouts: 0 });
  });

  const evictions = ['evict', 'evictAll', 'evictTag'] as const;
  it.each(evictions)('does not store a value when %s happens while its lease is renewed', async (evict) => {
    const { a, b, apps } = pods;
    const slow = a.get(1);
    await a.source.started();
    await sleep(LEASE_MS / 2);
    await b[evict](1);
    const later = b.get(1);
    await b.source.started();
    await sleep(LEASE_MS / 2);
    await a.source.respond(v1);
    expect(await slow).toEqual(v1);
    expect(await apps[1].caches.get('notes').get(1)).toBeUndefined();
    await b.source.respond(v2);
    expect(await later).toEqual(v2);
    expect(await apps[0].caches.get('notes').get(1)).toEqual({ value: v2 });
  });

  it('does not wait for its own load', async () => {
    const { a, b } = pods;
    const alone = a.getByDetour(1);
    await a.source.respond(v1);
    expect(await alone).toEqual(v1);
    await a.evict(1);
    const elsewhere = b.get(1);
    await b.source.started();
    const meanwhile = a.getByDetour(1);
    await a.source.respond(v2);
    expect(await meanwhile).toEqual(v2);
    await b.source.respond(v2);
    await elsewhere;
  });
});

describe('a lease holder', () => {
  const redis = useRedis();
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  it('that is killed costs its waiters one short lease, after which the value is loaded once', async () => {
    const options = { redisUrl: redis.server.url, providers: [Notes] };
    const apps = [await createCacheApp(options), await createCacheApp(options)] as const;
    const loader = join(import.meta.dirname, '../race/typescript.mjs');
    child = fork(join(import.meta.dirname, 'support/loader.ts'), { execArgv: ['--import', loader] });
    child.send(redis.server.url);
    await once(child, 'message');
    const all = apps.map((app) => app.get(Notes).get(1));
    await until(() => apps.every((app) => app.caches.stats()['notes']?.leaseWaits === 1));
    // Longer than the duration of a lease, which has been renewed.
    await sleep(LEASE_MS + 500);
    const sources = apps.map((app) => app.get(Notes).source);
    const runs = () => sources.reduce((sum, source) => sum + source.runs, 0);
    expect(runs()).toBe(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const elapsedMs = stopwatch();
    await until(() => runs() === 1);
    expect(elapsedMs()).toBeLessThan(LEASE_MS + 1_000);
    await sources.find((source) => source.runs === 1)?.respond(v1);
    expect(await Promise.all(all)).toEqual([v1, v1]);
    expect(runs()).toBe(1);
    await Promise.all(apps.map((app) => app.close()));
  }, 120_000);

  it('that is too slow lets waiters load without storing', async () => {
    const options = { redisUrl: redis.server.url, providers: [Notes], settings: { remoteWaitMs: 100 } };
    const apps = [await createCacheApp(options), await createCacheApp(options)] as const;
    const [a, b] = [apps[0].get(Notes), apps[1].get(Notes)];
    const slow = a.get(1);
    await a.source.started();
    const second = b.get(1);
    await b.source.respond(v2);
    expect(await second).toEqual(v2);
    expect(await apps[1].caches.get('notes').get(1)).toBeUndefined();
    await a.source.respond(v1);
    await slow;
    expect(await apps[1].caches.get('notes').get(1)).toEqual({ value: v1 });
    expect(apps[1].caches.stats()['notes']).toMatchObject({ leaseWaits: 1, leaseWaitTimeouts: 1 });
    await Promise.all(apps.map((app) => app.close()));
  });

  it('that hangs is replaced after the maximum load time', async () => {
    const options = { redisUrl: redis.server.url, providers: [Notes], settings: { lease: LEASE_MS + 1_000 } };
    const apps = [await createCacheApp(options), await createCacheApp({ ...options })] as const;
    const [a, b] = [apps[0].get(Notes), apps[1].get(Notes)];
    const hanging = a.get(1);
    await a.source.started();
    await sleep(LEASE_MS);
    const startedAt = performance.now();
    const other = b.get(1);
    await b.source.started();
    expect(performance.now() - startedAt).toBeGreaterThan(500);
    await b.source.respond(v2);
    expect(await other).toEqual(v2);
    await a.source.respond(v1);
    await hanging;
    expect(await apps[0].caches.get('notes').get(1)).toEqual({ value: v2 });
    await Promise.all(apps.map((app) => app.close()));
  });
});
