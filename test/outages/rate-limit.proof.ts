import { Redis } from 'ioredis';
import type { ApiResponse } from '../support/api.js';
import { aPlace, type PlaceBody } from '../support/factories.js';
import { PrometheusText } from '../support/prometheus-text.js';
import { FAULTS, newAddress, createFaultEnv, newClient, injectFault, timed, untilRecovered, type FaultInjectionEnv } from './support/fault-injection.js';

const LIMIT = 5;

let env: FaultInjectionEnv;
let place: PlaceBody;

beforeAll(async () => {
  env = await createFaultEnv({ env: { RATE_LIMIT_ANONYMOUS: String(LIMIT), RATE_LIMIT_USER: '100' } });
  const { id, nickname, accessToken: token } = await newClient(env);
  place = await aPlace(env.t, { owner: { id, nickname, token } });
});

afterAll(() => env.close());

/** Statuses of sequential calls, of which the last three exceed the limit; expects each within the budget. */
async function statusesOf(budgetMs: number, call: () => Promise<ApiResponse>): Promise<number[]> {
  const statuses = [];
  for (let i = 0; i < LIMIT + 3; i++) {
    const { status, headers, tookMs } = await timed(call);
    expect(tookMs).toBeLessThan(budgetMs);
    expect(headers.get('ratelimit-policy')).toBe(`"anonymous";q=${LIMIT};w=60`);
    if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    statuses.push(status);
  }
  return statuses;
}

/** Number of requests that Redis has counted and admitted. */
async function countedByRedis(): Promise<number> {
  const { text } = await env.t.api.get('//metrics');
  const labels = { policy: 'anonymous', outcome: 'passed' };
  return new PrometheusText(text).value('ecogreen_rate_limit_requests_total', labels) ?? 0;
}

describe('rate limits while the durable Redis is full', () => {
  it('rate limit | durable Redis -OOM: signed-in callers are served and counted per process', async () => {
    const { accessToken: token } = await newClient(env);
    const redis = new Redis(env.store.server.url);
    await redis.config('SET', 'maxmemory', '1');
    try {
      const { status, headers } = await env.t.api.get('/auth/sessions', { token });
      expect([status, headers.get('ratelimit-policy')]).toEqual([200, '"user";q=100;w=60']);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      redis.disconnect();
    }
  });
});

describe.each(FAULTS)('rate limits with the durable Redis $state', (fault) => {
  const { state, budgetMs } = fault;
  const cell = (what: string) => `rate limit | durable Redis ${state}: ${what}`;
  const reads = (headers: Record<string, string>) => () => env.t.api.get(`/places/${place.id}`, { headers });
  let restore: () => Promise<void>;

  beforeAll(async () => {
    await reads(newAddress())();
    restore = await injectFault(fault, env.store);
  });

  afterAll(() => restore());

  it(cell('a login that cannot be counted is answered 503 in time'), async () => {
    const guess = { email: 'a@example.com', password: 'a guess' };
    const { status, tookMs } = await timed(() => env.t.api.post('/auth/login', guess, { headers: newAddress() }));
    expect(status).toBe(503);
    expect(tookMs).toBeLessThan(budgetMs);
  });

  it(cell('each process counts locally at the same rate, in time'), async () => {
    const served = [...Array<number>(LIMIT).fill(200), 429, 429, 429];
    expect(await statusesOf(budgetMs, reads(newAddress()))).toEqual(served);
    expect(await statusesOf(budgetMs, reads(newAddress()))).toEqual(served);
  });

  it(cell('counts over all processes again within 5 s'), async () => {
    const before = await countedByRedis();
    await restore();
    await untilRecovered(`rate limits, durable Redis ${state}`, async () => {
      await reads(newAddress())();
      return (await countedByRedis()) > before;
    });
    expect(await statusesOf(budgetMs, reads(newAddress()))).toEqual([...Array<number>(LIMIT).fill(200), 429, 429, 429]);
  });
});
