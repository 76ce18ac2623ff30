import fc from 'fast-check';
import { Redis } from 'ioredis';
import { LuaScript } from '../../src/redis/index.js';
import { BUCKETS_PER_WINDOW, consume, type SlidingLog, type WindowRule } from '../../src/rate-limit/sliding-window/sliding-log.js';
import { CONSUME_BODY } from '../../src/rate-limit/sliding-window/consume.script.js';
import { SEED } from '../support/seeded-random.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';

const parameters = (numRuns: number) => ({ seed: SEED, numRuns });

const newLog = (): SlidingLog => ({ openedAtMs: 0, buckets: [] });

/** Long enough that no key expires by the clock of the server during a test. */
const windowMs = fc.integer({ min: 60_000, max: 600_000 });
const rule = fc.record({ limit: fc.integer({ min: 1, max: 30 }), windowMs });
const cost = fc.oneof(
  { weight: 3, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
);

/** Fraction of a window between two demands: bursts, steady traffic, pauses. */
const pause = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 20 }).map((thousandths) => thousandths / 1_000),
  fc.integer({ min: 0, max: 40 }).map((hundredths) => hundredths / 100),
  fc.constantFrom(1 / BUCKETS_PER_WINDOW, 1, 1 + 1 / BUCKETS_PER_WINDOW, 3),
);
const steps = fc.array(fc.record({ pause, cost }), { maxLength: 150 });

interface Pass {
  readonly atMs: number;
  readonly spent: number;
}

/** Cost admitted in the closed interval of `spanMs` that ends at `atMs`. */
function spentIn(passes: readonly Pass[], spanMs: number, atMs: number): number {
  return passes.reduce((sum, pass) => sum + (pass.atMs >= atMs - spanMs ? pass.spent : 0), 0);
}

/** Runs the steps under one rule, and calls `onStep` with each step and all demands admitted before it. */
function play(
  { limit, windowMs: length }: WindowRule,
  all: readonly { pause: number; cost: number }[],
  onStep: (step: { log: SlidingLog; spent: number; atMs: number; passes: readonly Pass[]; waitMs: number }) => void,
): void {
  const log = newLog();
  const passes: Pass[] = [];
  let atMs = 1_790_000_000_000;
  for (const step of all) {
    atMs += Math.round(step.pause * length);
    const before = structuredClone(log);
    const { waitMs } = consume([{ rule: { limit, windowMs: length }, log }], step.cost, atMs);
    const spent = Math.min(step.cost, limit);
    onStep({ log: before, spent, atMs, passes, waitMs });
    if (waitMs === 0) passes.push({ atMs, spent });
    expect(log.buckets.length).toBeLessThanOrEqual(BUCKETS_PER_WINDOW + 2);
  }
}

beforeAll(() => {
  process.stdout.write(`SEED=${SEED}\n`);
});

describe('the sliding log', () => {
  it('admits at most the limit in any closed interval of one window', () => {
    fc.assert(fc.property(rule, steps, (given, all) => {
      play(given, all, ({ passes, spent, atMs, waitMs }) => {
        if (waitMs > 0) return;
        expect(spentIn(passes, given.windowMs, atMs) + spent).toBeLessThanOrEqual(given.limit);
      });
    }), parameters(300));
  });

  it('refuses nothing that a window longer by a 60th would admit', () => {
    fc.assert(fc.property(rule, steps, (given, all) => {
      play(given, all, ({ passes, spent, atMs, waitMs }) => {
        if (waitMs === 0) return;
        const longer = given.windowMs + given.windowMs / BUCKETS_PER_WINDOW;
        expect(spentIn(passes, longer, atMs) + spent).toBeGreaterThan(given.limit);
      });
    }), parameters(300));
  });

  it('reports the exact time to wait', () => {
    fc.assert(fc.property(rule, steps, (given, all) => {
      play(given, all, ({ log, spent, atMs, waitMs }) => {
        if (waitMs === 0) return;
        const after = (ms: number) => consume([{ rule: given, log: structuredClone(log) }], spent, atMs + ms).waitMs;
        expect([after(waitMs), after(waitMs - 1)]).toEqual([0, 1]);
      });
    }), parameters(300));
  });

  it('reports at most one window to wait, however far the clock steps back', () => {
    fc.assert(fc.property(rule, steps, fc.integer({ min: 1, max: 10_000_000_000 }), (given, all, backMs) => {
      const logs = [{ rule: given, log: newLog() }];
      const atMs = 1_790_000_000_000;
      for (const step of all) consume(logs, step.cost, atMs);
      const { waitMs } = consume(logs, given.limit, atMs - backMs);
      expect(waitMs).toBeLessThanOrEqual(given.windowMs + 1);
      if (waitMs > 0) expect(consume(logs, given.limit, atMs - backMs + waitMs).waitMs).toBe(0);
    }), parameters(100));
  });
});

describe('the Lua script', () => {
  const script = new LuaScript(`local now = tonumber(ARGV[3])\n${CONSUME_BODY}`);
  let server: ProvidedServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await provideRedis();
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.drop();
  });

  /** Log as stored in Redis. */
  async function storedLog(key: string): Promise<number[] | null> {
    const text = await redis.eval(`local stored = redis.call('GET', KEYS[1])
      return stored and cjson.encode(cmsgpack.unpack(stored))`, 1, key);
    return typeof text === 'string' ? (JSON.parse(text) as number[]) : null;
  }

  const rules = fc.array(rule, { minLength: 1, maxLength: 3 });
  const demand = fc.record({ client: fc.integer({ min: 0, max: 2 }), cost });
  // The clock sometimes steps back, by more or less than a window.
  const turn = fc.record({
    pause: fc.oneof({ weight: 8, arbitrary: pause }, { weight: 1, arbitrary: fc.constantFrom(-0.01, -0.5, -5) }),
    demands: fc.array(demand, { minLength: 1, maxLength: 8 }),
  });

  it('agrees step by step with the model for any demands and clock', async () => {
    await fc.assert(fc.asyncProperty(rules, fc.array(turn, { maxLength: 25 }), async (given, turns) => {
      await redis.flushall();
      const clients = [0, 1, 2].map((client) =>
        given.map((each, i) => ({ rule: each, log: newLog(), key: `rate:{${client}}:${i}` })),
      );
      let now = 1_790_000_000_000;
      for (const { pause: by, demands } of turns) {
        now += Math.round(by * (given[0]?.windowMs ?? 0));
        const requests = demands.map((each) => ({ ...each, logs: clients[each.client] ?? [] }));
        const keys = requests.flatMap(({ logs }) => logs.map(({ key }) => key));
        const costs = requests.map((each) => [each.cost, ...given.flatMap((r) => [r.limit, r.windowMs])]);
        const reply = await script.run(redis, keys, [BUCKETS_PER_WINDOW, JSON.stringify(costs), now]);
        const expected = requests.flatMap((each) => {
          const { waitMs, usages } = consume(each.logs, each.cost, now);
          return [waitMs, ...usages.flatMap(({ used, availableInMs }) => [used, availableInMs])];
        });
        expect(reply).toEqual(expected);
      }
      for (const { log, key } of clients.flat()) {
        const stored = await storedLog(key);
        const { openedAtMs, buckets } = log;
        const expected = [openedAtMs, ...buckets.flatMap(({ lastMs, count }) => [lastMs, count])];
        expect(stored).toEqual(buckets.length === 0 ? null : expected);
      }
    }), parameters(120));
  });
});
