import { Logger } from '@nestjs/common';
import { isUnavailable } from '../../src/common/index.js';
import { COMMAND_TIMEOUTS_MS, RedisConnections, TooManyRedirectionsError, type RedisClient } from '../../src/redis/index.js';
import { masterOf, moveSlot, provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { stopwatch, timeLimitDuration } from '../support/stopwatch.js';

const KEYS = Array.from({ length: 60 }, (_, i) => `key:${i}`);
/** Allowance for delays on a busy machine. */
const SLACK_MS = 100;

let cluster: ProvidedCluster;
let connections: RedisConnections;
let redis: RedisClient;

beforeAll(async () => {
  Logger.overrideLogger(false);
  cluster = await provideRedisCluster({ withReplicas: true });
  connections = new RedisConnections();
  redis = connections.open('cache', cluster.url);
  await connections.onApplicationBootstrap();
});

afterAll(async () => {
  await connections.onApplicationShutdown();
  await cluster.drop();
});

interface Outcome {
  readonly failed: number;
  readonly unknownErrors: unknown[];
  /** Duration in ms of the slowest call beyond that of a concurrent time limit. */
  readonly beyondMs: number;
}

/** Writes all keys at once. */
async function writeAll(): Promise<Outcome> {
  const slow: number[] = [];
  const errors: unknown[] = [];
  const limit = timeLimitDuration(COMMAND_TIMEOUTS_MS.cache);
  await Promise.all(
    KEYS.map(async (key) => {
      const elapsedMs = stopwatch();
      await redis.set(key, 'value').catch((error: unknown) => errors.push(error));
      slow.push(elapsedMs());
    }),
  );
  const unknownErrors = errors.filter((error) => !isUnavailable(error));
  return { failed: errors.length, unknownErrors, beyondMs: Math.max(...slow) - (await limit) };
}

/** Keys stored by a master at the start of the suite. */
async function keysOf(master: number): Promise<string[]> {
  const masters = await Promise.all(KEYS.map((key) => masterOf(cluster, key)));
  return KEYS.filter((_key, i) => masters[i] === master);
}

const allSucceed = async () => (await writeAll()).failed === 0;

describe('a Redis Cluster', () => {
  it('is connected at every master when the service starts', async () => {
    expect(await writeAll()).toMatchObject({ failed: 0 });
    const holders = new Set(await Promise.all(KEYS.map((key) => masterOf(cluster, key))));
    expect(holders.size).toBe(3);
  });

  it('is ready while most masters are', async () => {
    cluster.masters[0]?.pause();
    try {
      expect(await connections.isWritable('cache')).toBe(true);
      cluster.masters[1]?.pause();
      expect(await connections.isWritable('cache')).toBe(false);
    } finally {
      for (const master of cluster.masters) master.resume();
    }
    await until(allSucceed);
  });

  it('tolerates a frozen master during a slot migration', async () => {
    const [moving = '', staying = ''] = await keysOf(0);
    await redis.set(moving, 'value');
    const slot = Number(await cluster.connections[0]?.cluster('KEYSLOT', moving));
    const outcomes: unknown[] = [];
    await moveSlot(cluster, slot, [0, 1], async () => {
      cluster.masters[1]?.pause();
      // An unhandled error would end the process and fail the test.
      outcomes.push(await redis.get(moving).catch(String));
      outcomes.push(await redis.set(staying, 'value').catch(String));
      cluster.masters[1]?.resume();
      await until(allSucceed);
    });
    await moveSlot(cluster, slot, [1, 0], allSucceed);
    expect(outcomes).toEqual(['RedisTimeoutError: Command timed out', 'OK']);
  });

  it('rejects a command whose keys are on two masters, since their slot is moving', async () => {
    const [tag = ''] = await keysOf(0);
    const keys = [`{${tag}}:1`, `{${tag}}:2`];
    await Promise.all(keys.map((key) => redis.set(key, 'value')));
    const slot = Number(await cluster.connections[0]?.cluster('KEYSLOT', tag));
    const errors: unknown[] = [];
    await moveSlot(cluster, slot, [0, 1], async () => {
      errors.push(await redis.mget(keys).then(() => null, (error: unknown) => error));
    });
    await moveSlot(cluster, slot, [1, 0], allSucceed);
    expect(errors).toContainEqual(expect.any(TooManyRedirectionsError));
  });

  it('bounds every call while a master is frozen, and continues with its replica', async () => {
    const frozen = cluster.masters[2];
    frozen?.pause();
    let failed = 0;
    try {
      await until(async () => {
        const outcome = await writeAll();
        expect(outcome.unknownErrors).toEqual([]);
        expect(outcome.beyondMs).toBeLessThan(SLACK_MS);
        failed += outcome.failed;
        return outcome.failed === 0;
      }, 15_000);
      expect(failed).toBeGreaterThan(0);
    } finally {
      frozen?.resume();
    }
    await until(allSucceed);
  });

  it('bounds every call while a master is down, and continues when it is back', async () => {
    const down = cluster.masters[0];
    await down?.stop();
    const outcome = await writeAll();
    expect(outcome.failed).toBeGreaterThan(0);
    expect(outcome.unknownErrors).toEqual([]);
    expect(outcome.beyondMs).toBeLessThan(SLACK_MS);
    await down?.start();
    await until(allSucceed, 15_000);
  });

  it('fails immediately while all nodes are down, and continues when they are back', async () => {
    const nodes = [...cluster.masters, ...cluster.replicas];
    await Promise.all(nodes.map((node) => node.stop()));
    for (let i = 0; i < 5; i++) {
      const outcome = await writeAll();
      expect(outcome).toMatchObject({ failed: KEYS.length, unknownErrors: [] });
      expect(outcome.beyondMs).toBeLessThan(SLACK_MS);
    }
    await Promise.all(nodes.map((node) => node.start()));
    await until(allSucceed, 15_000);
  });
});
