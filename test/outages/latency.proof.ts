import { CacheManager } from '../../src/cache/index.js';
import { createApp, type TestApp } from '../support/app.js';
import { aPlace } from '../support/factories.js';
import { until } from '../support/until.js';
import { FAULTS, createFaultEnv, injectFault, type FaultInjectionEnv } from './support/fault-injection.js';

const CALLS = 300;
const FIRST_CALLS = 5;
/** Reads the list from the cache, and then each of its places. */
const LIST = '/places?limit=3';
/** Milliseconds that a call may take longer than without a cache. */
const BUDGET = { first: 250, p99: 50 };
/** Tolerance for other suites on the same processors, for which only one of the two calls may have to wait. */
const NOISE_MS = 200;

let env: FaultInjectionEnv;
let uncached: TestApp;
let paths: string[];

beforeAll(async () => {
  env = await createFaultEnv();
  const { databaseUrl, redisUrl } = env.t.env;
  const servers = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  uncached = await createApp({ env: servers, overrides: [{ token: CacheManager, value: CacheManager.none() }] });
  const places = await Promise.all(Array.from({ length: 20 }, () => aPlace(env.t)));
  paths = places.map(({ id }) => `/places/${id}`);
});

afterAll(async () => {
  await uncached.close();
  await env.close();
});

/** Duration of each call in ms, alternating between the service during a fault and one without a cache. */
async function inTurns(calls: number): Promise<{ cached: number[]; plain: number[] }> {
  const [cached, plain]: [number[], number[]] = [[], []];
  for (let call = 0; call < calls; call++) {
    const path = paths[call % paths.length] ?? LIST;
    cached.push(await tookMs(env.t, path));
    plain.push(await tookMs(uncached, path));
  }
  return { cached, plain };
}

async function tookMs({ api }: TestApp, path: string): Promise<number> {
  const startedAt = performance.now();
  const { status } = await api.get(path);
  expect(status).toBe(200);
  return performance.now() - startedAt;
}

/** Value that a share of all values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function print(label: string, { cached, plain }: { cached: number[]; plain: number[] }): void {
  const quantiles = [0.5, 0.99, 1].map((share) => [cached, plain].map((times) => quantile(times, share).toFixed(1)));
  const [p50, p99, max] = quantiles.map(([one, other]) => `${one} / ${other} ms`);
  process.stdout.write(`${label}, with / without a cache: p50 ${p50}, p99 ${p99}, max ${max}\n`);
}

describe.each(FAULTS)('with the cache Redis $state', (fault) => {
  let restore: () => Promise<void>;
  let first: { cached: number[]; plain: number[] };

  beforeAll(async () => {
    for (const path of [LIST, ...paths]) {
      await until(async () => (await env.t.api.get(path)).headers.get('x-cache') === 'HIT', 5_000);
      await tookMs(uncached, path);
    }
    restore = await injectFault(fault, env.cache);
    const firstOf = (t: TestApp) => Promise.all(Array.from({ length: FIRST_CALLS }, () => tookMs(t, LIST)));
    first = { cached: await firstOf(env.t), plain: await firstOf(uncached) };
  });

  afterAll(() => restore());

  it(`latency | cache Redis ${fault.state}: the first calls take at most ${BUDGET.first} ms more`, () => {
    print(`cache Redis ${fault.state}, ${FIRST_CALLS} concurrent first calls`, first);
    const added = quantile(first.cached, 1) - quantile(first.plain, 1);
    expect(added).toBeLessThan(BUDGET.first + NOISE_MS);
  });

  it(`latency | cache Redis ${fault.state}: p99 at most ${BUDGET.p99} ms more once the breaker is open`, async () => {
    const times = await inTurns(CALLS);
    print(`cache Redis ${fault.state}, ${CALLS} sequential calls`, times);
    expect(quantile(times.cached, 0.5) - quantile(times.plain, 0.5)).toBeLessThan(BUDGET.p99);
    expect(quantile(times.cached, 0.99) - quantile(times.plain, 0.99)).toBeLessThan(BUDGET.p99 + NOISE_MS);
  });
});
