import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisConnections, type RedisClient } from '../../src/redis/index.js';
import { InMemoryStore } from '../../src/rate-limit/sliding-window/in-memory-store.js';
import { BUCKETS_PER_WINDOW } from '../../src/rate-limit/sliding-window/sliding-log.js';
import { SlidingWindow, type ConsumeRequest, type Policy } from '../../src/rate-limit/sliding-window/sliding-window.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { stopwatch } from '../support/stopwatch.js';

const policy = (limit: number, windowMs = 60_000, name = 'test'): Policy => {
  return { name, suffix: `:${name}`, limit, windowMs };
};

const newRequest = (policies: readonly Policy[], client = randomUUID(), cost = 1): ConsumeRequest => {
  return { client, policies, cost };
};

let server: ProvidedServer;
let connections: RedisConnections[];
let clients: RedisClient[];
let redis: Redis;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await provideRedis();
  connections = [new RedisConnections(), new RedisConnections()];
  clients = connections.map((each) => each.open('store', server.url));
  await Promise.all(connections.map((each) => each.onApplicationBootstrap()));
  redis = new Redis(server.url);
});

afterAll(async () => {
  redis.disconnect();
  await Promise.all(connections.map((each) => each.onApplicationShutdown()));
  await server.drop();
});

const windows = () => clients.map((client) => new SlidingWindow(client));

const first = (): SlidingWindow => {
  const [window] = windows();
  if (window === undefined) throw new Error('there are two');
  return window;
};

/** Number of concurrent requests that are admitted, alternating between the instances. */
async function countAdmitted(all: readonly SlidingWindow[], count: number, request: ConsumeRequest): Promise<number> {
  const verdicts = await Promise.all(
    Array.from({ length: count }, (_, i) => (all[i % all.length] ?? first()).consume(request)),
  );
  return verdicts.filter(({ waitMs }) => waitMs === 0).length;
}

describe('SlidingWindow', () => {
  it('admits exactly 100 of 200 concurrent requests over two instances', async () => {
    expect(await countAdmitted(windows(), 200, newRequest([policy(100)]))).toBe(100);
  });

  it('counts clients separately within one batch', async () => {
    const all = Array.from({ length: 40 }, () => newRequest([policy(3)]));
    expect(await Promise.all(all.map((request) => countAdmitted(windows(), 8, request)))).toEqual(Array(40).fill(3));
  });

  it('charges all policies or none', async () => {
    const request = newRequest([policy(10, 60_000, 'wide'), policy(2, 60_000, 'narrow')]);
    const window = first();
    for (let i = 0; i < 2; i++) expect((await window.consume(request)).waitMs).toBe(0);
    const { waitMs, usages } = await window.consume(request);
    expect(waitMs).toBeGreaterThan(55_000);
    expect(usages.map(({ used }) => used)).toEqual([2, 2]);
  });

  it('charges a cost to every limit, and all of a smaller limit', async () => {
    const request = newRequest([policy(10, 60_000, 'wide'), policy(3, 60_000, 'narrow')], randomUUID(), 5);
    expect(await first().consume(request)).toMatchObject({ waitMs: 0, usages: [{ used: 5 }, { used: 3 }] });
  });

  it('reports the exact time to wait and frees the limit gradually', async () => {
    const request = newRequest([policy(2, 4_000)]);
    const window = first();
    await window.consume(request);
    await sleep(1_500);
    await window.consume(request);
    const { waitMs } = await window.consume(request);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(2_501);
    await sleep(waitMs + 5);
    // The second demand still counts.
    const { waitMs: passed, usages: [usage] } = await window.consume(request);
    expect([passed, usage?.used]).toEqual([0, 2]);
    expect((await window.consume(request)).waitMs).toBeGreaterThan(0);
  });

  it('writes nothing when it refuses, so that retries do not extend the wait', async () => {
    const request = newRequest([policy(1)]);
    const window = first();
    await window.consume(request);
    const key = `rate:{${request.client}}:test`;
    const before = await redis.getBuffer(key);
    for (let i = 0; i < 5; i++) await window.consume(request);
    expect(await redis.getBuffer(key)).toEqual(before);
  });

  it('stores less than 1 kB per client and removes idle clients', async () => {
    const windowMs = 3_000;
    const request = newRequest([policy(1_000_000, windowMs)]);
    const window = first();
    const endsAt = performance.now() + 1.3 * windowMs;
    while (performance.now() < endsAt) {
      await Promise.all(Array.from({ length: 8 }, () => window.consume(request)));
      await sleep(5);
    }
    const key = `rate:{${request.client}}:test`;
    const buckets = await redis.eval(`return (#cmsgpack.unpack(redis.call('GET', KEYS[1])) - 1) / 2`, 1, key);
    const bytes = await redis.memory('USAGE', key);
    const { usages: [usage] } = await window.consume(request);
    process.stdout.write(`${usage?.used} passes in a window: ${String(buckets)} buckets, ${bytes} bytes\n`);
    expect(buckets).toBeLessThanOrEqual(BUCKETS_PER_WINDOW + 2);
    expect(usage?.used).toBeGreaterThan(500);
    expect(bytes).toBeLessThan(1_024);
    await until(async () => (await redis.exists(key)) === 0);
  });
});

describe('SlidingWindow while the durable Redis is unavailable', () => {
  const request = () => newRequest([policy(10)]);

  it('refused: counts locally by the same limit without delay, and globally afterwards', async () => {
    const [client] = [request()];
    const window = first();
    await server.stop();
    try {
      await until(async () => (await window.consume(request())).isLocal);
      const elapsedMs = stopwatch();
      expect(await countAdmitted([window], 20, client)).toBe(10);
      expect(elapsedMs()).toBeLessThan(200);
    } finally {
      await server.start();
    }
    await until(async () => !(await window.consume(request())).isLocal);
  });

  it('frozen: decides after half a second, then immediately', async () => {
    const window = first();
    const slow: number[] = [];
    server.pause();
    try {
      const client = request();
      const startedAt = performance.now();
      const elapsedMs = stopwatch();
      expect(await countAdmitted([window], 20, client)).toBe(10);
      expect(performance.now() - startedAt).toBeGreaterThan(400);
      slow.push(elapsedMs());
      await until(async () => {
        const elapsedMs = stopwatch();
        await window.consume(client);
        slow.push(elapsedMs());
        return (slow.at(-1) ?? 0) < 50;
      });
    } finally {
      server.resume();
    }
    expect(Math.max(...slow)).toBeLessThan(1_000);
    await until(async () => !(await window.consume(request())).isLocal);
  });

  it('full: counts locally what cannot be written', async () => {
    const window = first();
    await redis.config('SET', 'maxmemory', '1');
    try {
      const verdict = await window.consume(request());
      expect(verdict).toMatchObject({ isLocal: true, waitMs: 0 });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });
});

describe('local logs', () => {
  it('are at most 10,000; the least recently used are dropped', () => {
    const logs = new InMemoryStore();
    const spend = (client: number) => logs.consume([[`rate:{${client}}`, policy(1)]], 1).waitMs;
    for (let client = 0; client < 10_000; client++) spend(client);
    expect(spend(0)).toBeGreaterThan(0);
    expect(spend(10_000)).toBe(0);
    expect(logs.size).toBe(10_000);
    expect(spend(0)).toBeGreaterThan(0);
    expect(spend(1)).toBe(0);
  });
});
