import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { provideRedis, type ProvidedServer } from '../../test/support/services.js';
import { until } from '../../test/support/until.js';
import { FailureDelay, type Attempt, type DelayRule } from './failure-delay.js';
import { RateLimitedError } from './rate-limit.errors.js';

const RULE: DelayRule = {
  freeFailures: 3,
  maxConcurrent: 5,
  firstMs: 200,
  maxMs: 800,
  decayMs: 60_000,
  attemptTimeoutMs: 60_000,
};

let server: ProvidedServer;
let redis: Redis;
let delay: FailureDelay;

beforeAll(async () => {
  server = await provideRedis();
  redis = new Redis(server.url);
  delay = new FailureDelay(redis);
});

afterAll(async () => {
  redis.disconnect();
  await server.drop();
});

const begin = (subject: string, rule = RULE): Promise<Attempt> => delay.begin('test', subject, rule);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds until the next attempt may begin, as stored in Redis. */
async function blockedFor(subject: string): Promise<number> {
  const until = Number(await redis.hget(`failures:test:{${subject}}`, 'blockedUntil'));
  return Math.max(0, until - Date.now());
}

/** Attempts that were admitted of `count` concurrent ones. */
async function beginMany(subject: string, count: number, rule = RULE): Promise<Attempt[]> {
  const made = await Promise.allSettled(Array.from({ length: count }, () => begin(subject, rule)));
  return made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Number of admitted attempts of five concurrent ones, which are cancelled afterwards. */
async function beginAndCancel(subject: string, rule: DelayRule): Promise<number> {
  const begun = await beginMany(subject, 5, rule);
  await Promise.all(begun.map((attempt) => attempt.cancel()));
  return begun.length;
}

async function fail(subject: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await (await begin(subject)).fail();
}

describe('FailureDelay', () => {
  it('admits the free failures without delay and then reports a wait', async () => {
    const subject = randomUUID();
    await fail(subject, 4);
    await expect(begin(subject)).rejects.toBeInstanceOf(RateLimitedError);
  });

  it('reports the exact wait', async () => {
    const subject = randomUUID();
    await fail(subject, 4);
    const error: unknown = await begin(subject).catch((reason: unknown) => reason);
    const seconds = Number((error as RateLimitedError).headers['Retry-After']);
    expect(seconds).toBe(1);
    await wait(seconds * 1_000);
    await expect(begin(subject)).resolves.toBeDefined();
  });

  it('doubles the delay with each failure, up to a maximum', async () => {
    const subject = randomUUID();
    await fail(subject, 4);
    const delays = [];
    for (let i = 0; i < 4; i++) {
      const ms = await blockedFor(subject);
      delays.push(ms);
      await wait(ms + 5);
      await fail(subject, 1);
    }
    const expected = [200, 400, 800, 800];
    delays.forEach((ms, i) => expect(ms).toBeGreaterThan((expected[i] ?? 0) - 60));
    delays.forEach((ms, i) => expect(ms).toBeLessThanOrEqual(expected[i] ?? 0));
  });

  it('resets after a success', async () => {
    const subject = randomUUID();
    await fail(subject, 3);
    await (await begin(subject)).succeed();
    await fail(subject, 3);
    await expect(begin(subject)).resolves.toBeDefined();
  });

  it('does not count a cancelled attempt, and retains earlier failures', async () => {
    const subject = randomUUID();
    await fail(subject, 3);
    for (let i = 0; i < 10; i++) await (await begin(subject)).cancel();
    await fail(subject, 1);
    await expect(begin(subject)).rejects.toBeInstanceOf(RateLimitedError);
  });

  it('admits many concurrent successful attempts', async () => {
    const subject = randomUUID();
    const attempts = await Promise.all(Array.from({ length: 5 }, () => begin(subject)));
    await Promise.all(attempts.map((attempt) => attempt.succeed()));
    await expect(begin(subject)).resolves.toBeDefined();
  });

  it('admits a burst of concurrent guesses, and one at a time after the free failures', async () => {
    const subject = randomUUID();
    const begun = await beginMany(subject, 50);
    expect(begun).toHaveLength(5);
    await Promise.all(begun.map((attempt) => attempt.fail()));
    await wait((await blockedFor(subject)) + 5);
    expect(await beginMany(subject, 50)).toHaveLength(1);
  });

  it('reports the first delay while an attempt is in progress', async () => {
    const subject = randomUUID();
    const rule = { ...RULE, maxConcurrent: 6, maxMs: 60_000 };
    await Promise.all((await beginMany(subject, 6, rule)).map((attempt) => attempt.fail()));
    await wait((await blockedFor(subject)) + 5);
    const attempt = await begin(subject, rule);
    const error: unknown = await begin(subject, rule).catch((reason: unknown) => reason);
    expect((error as RateLimitedError).headers['Retry-After']).toBe('1');
    await attempt.fail();
    expect(await blockedFor(subject)).toBeGreaterThan(1_000);
  });

  it('expires attempts that were never completed', async () => {
    const subject = randomUUID();
    const rule = { ...RULE, attemptTimeoutMs: 2_000 };
    const connection = new Redis(server.url, { commandTimeout: 100 });
    const beginOrGiveUp = (whose: string) => new FailureDelay(connection).begin('test', whose, rule);
    // Loads the script, which Redis then runs as soon as it is resumed.
    await beginOrGiveUp(randomUUID());
    server.pause();
    const lost = Array.from({ length: 4 }, () => beginOrGiveUp(subject));
    const results = await Promise.allSettled(lost);
    server.resume();
    expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    await until(async () => (await beginAndCancel(subject, rule)) === 1);
    await until(async () => (await beginAndCancel(subject, rule)) === 5);
    connection.disconnect();
  });

  it('lets failures expire one by one during successful attempts', async () => {
    const subject = randomUUID();
    const rule = { ...RULE, decayMs: 500 };
    await Promise.all((await beginMany(subject, 5, rule)).map((attempt) => attempt.fail()));
    const lastFailureAt = performance.now();
    await until(async () => (await beginAndCancel(subject, rule)) === 1);
    await until(async () => (await beginAndCancel(subject, rule)) === 5);
    // Three of five failures must expire until one more is free.
    expect(performance.now() - lastFailureAt).toBeGreaterThan(1_400);
  });

  it('stores only the failures of the maximum delay, and nothing after they expire', async () => {
    const subject = randomUUID();
    await Promise.all((await beginMany(subject, 50, { ...RULE, maxConcurrent: 50 })).map((attempt) => attempt.fail()));
    const ttlMs = await redis.pttl(`failures:test:{${subject}}`);
    expect(ttlMs).toBeGreaterThan(5 * 60_000);
    expect(ttlMs).toBeLessThanOrEqual(6 * 60_000 + RULE.maxMs);
  });
});
