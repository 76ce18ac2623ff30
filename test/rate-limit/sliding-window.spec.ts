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

const demand = (policies: readonly Policy[], client = randomUUID(), cost = 1): ConsumeRequest => {
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

/** Number of concurrent demands that are admitted, alternating between the instances. */
async function passing(all: readonly SlidingWindow[], count: number, wanted: ConsumeRequest): Promise<number> {
  const verdicts = await Promise.all(
    Array.from({ length: count }, (_, i) => (all[i % all.length] ?? first()).consume(wanted)),
  );
  return verdicts.filter(({ waitMs }) => waitMs === 0).length;
}

describe('SlidingWindow', () => {
  it('admits exactly 100 of 200 concurrent demands over two instances', async () => {
    expect(await passing(windows(), 200, demand([policy(100)]))).toBe(100);
  });

  it('counts clients separately within one batch', async () => {
    const all = Array.from({ length: 40 }, () => demand([policy(3)]));
    expect(await Promise.all(all.map((wanted) => passing(windows(), 8, wanted)))).toEqual(Array(40).fill(3));
  });

  it('charges all policies or none', async () => {
    const wanted = demand([policy(10, 60_000, 'wide'), policy(2, 60_000, 'narrow')]);
    const window = first();
    for (let i = 0; i < 2; i++) expect((await window.consume(wanted)).waitMs).toBe(0);
    const { waitMs, usages } = await window.consume(wanted);
    expect(waitMs).toBeGreaterThan(55_000);
    expect(usages.map(({ used }) => used)).toEqual([2, 2]);
  });

  it('charges a cost to every limit, and all of a smaller limit', async () => {
    const wanted = demand([policy(10, 60_000, 'wide'), policy(3, 60_000, 'narrow')], randomUUID(), 5);
    expect(await first().consume(wanted)).toMatchObject({ waitMs: 0, usages: [{ used: 5 }, { used: 3 }] });
  });

  it('reports the exact time to wait and frees the limit gradually', async () => {
    const wanted = demand([policy(2, 4_000)]);
    const window = first();
    await window.consume(wanted);
    await sleep(1_500);
    await window.consume(wanted);
    const { waitMs } = await window.consume(wanted);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(2_501);
    await sleep(waitMs + 5);
    // The second demand still counts.
    const { waitMs: passed, usages: [usage] } = await window.consume(wanted);
    expect([passed, usage?.used]).toEqual([0, 2]);
    expect((await window.consume(wanted)).waitMs).toBeGreaterThan(0);
  });

  it('writes nothing when it refuses, so that retries do not extend the wait', async () => {
    const wanted = demand([policy(1)]);
    const window = first();
    await window.consume(wanted);
    const key = `rate:{${wanted.client}}:test`;
    const before = await redis.getBuffer(key);
    for (let i = 0; i < 5; i++) await window.consume(wanted);
    expect(await redis.getBuffer(key)).toEqual(before);
  });

  it('stores less than 1 kB per client and removes idle clients', async () => {
    const windowMs = 3_000;
    const wanted = demand([policy(1_000_000, windowMs)]);
    const window = first();
    const endsAt = performance.now() + 1.3 * windowMs;
    while (performance.now() < endsAt) {
      await Promise.all(Array.from({ length: 8 }, () => window.consume(wanted)));
      await sleep(5);
    }
    const key = `rate:{${wanted.client}}:test`;
    const buckets = await redis.eval(`return (#cmsgpack.unpack(redis.call('GET', KEYS[1])) - 1) / 2`, 1, key);
    const bytes = await redis.memory('USAGE', key);
    const { usages: [usage] } = await window.consume(wanted);
    process.stdout.write(`${usage?.used} passes in a window: ${String(buckets)} buckets, ${bytes} bytes\n`);
    expect(buckets).toBeLessThanOrEqual(BUCKETS_PER_WINDOW + 2);
    expect(usage?.used).toBeGreaterThan(500);
    expect(bytes).toBeLessThan(1_024);
    await until(async () => (await redis.exists(key)) === 0);
  });
});

describe('SlidingWindow while the durable Redis is unavailable', () => {
  const wanted = () => demand([policy(10)]);

  it('refused: counts locally by the same limit without delay, and globally afterwards', async () => {
    const [client] = [wanted()];
    const window = first();
    await server.stop();
    try {
      await until(async () => (await window.consume(wanted())).isLocal);
      const elapsedMs = stopwatch();
      expect(await passing([window], 20, client)).toBe(10);
      expect(elapsedMs()).toBeLessThan(200);
    } finally {
      await server.start();
    }
    await until(async () => !(await window.consume(wanted())).isLocal);
  });

  it('frozen: decides after half a second, then immediately', async () => {
    const window = first();
    const slow: number[] = [];
    server.pause();
    try {
      const client = wanted();
      const startedAt = performance.now();
      const elapsedMs = stopwatch();
      expect(await passing([window], 20, client)).toBe(10);
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
    await until(async () => !(await window.consume(wanted())).isLocal);
  });

  it('full: counts locally what cannot be written', async () => {
    const window = first();
    await redis.config('SET', 'maxmemory', '1');
    try {
      const verdict = await window.consume(wanted());
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
