import { RequestLimits } from '../../src/rate-limit/index.js';
import type { ConsumeRequest } from '../../src/rate-limit/sliding-window/sliding-window.js';
import { useApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';

const LIMIT = 20;
/** Settings with which a busy machine does not look like a failed master. */
const SLOW_FAILURE_DETECTION = { 'cluster-node-timeout': 15_000 };

let cluster: ProvidedCluster;

beforeAll(async () => {
  cluster = await provideRedisCluster({ role: 'store', settings: SLOW_FAILURE_DETECTION });
});
const env = { RATE_LIMIT_ANONYMOUS: String(LIMIT), RATE_LIMIT_USER: String(LIMIT), TRUSTED_PROXIES: '127.0.0.1' };
const t = useApp(() => ({ env: { REDIS_URL: cluster.url, ...env } }));
const apps = [t, t.useAnother({ env })];
afterAll(() => cluster.drop());

/**
 * Number of admitted requests of twice the limit, sent concurrently and alternating between the instances; NaN if a
 * server was too busy to respond to one of them.
 */
async function countAdmitted(path: string, token: string | undefined, address: string): Promise<number> {
  const responses = await Promise.all(
    Array.from({ length: 2 * LIMIT }, (_, i) =>
      (apps[i % 2] ?? t).api.get(path, { token, headers: { 'x-forwarded-for': address } }),
    ),
  );
  if (responses.some(({ status }) => status === 503)) return NaN;
  return responses.filter(({ status }) => status !== 429).length;
}

describe('rate limits on a Redis Cluster', () => {
  it('are exact for addresses, whose logs are spread over all masters', async () => {
    const counts = Array.from({ length: 6 }, (_, i) => countAdmitted('/nothing', undefined, `198.18.11.${i}`));
    const all = await Promise.all(counts);
    expect(all).toEqual(Array(6).fill(LIMIT));
    const sizes = await Promise.all(cluster.connections.map(async (master) => (await master.keys('rate:*')).length));
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(1);
  });

  it('are counted in Redis when many clients send at the same moment', async () => {
    const { window } = t.app.get(RequestLimits, { strict: false });
    const policies = [{ name: 'test', suffix: ':test', limit: 3, windowMs: 60_000 }];
    const clients = Array.from({ length: 30 }, (_, i) => `a:${i}`);
    const requests = clients.flatMap((client) => Array(8).fill({ client, policies, cost: 1 }) as ConsumeRequest[]);
    const verdicts = await Promise.all(requests.map((request) => window.consume(request)));
    expect(verdicts.filter(({ isLocal }) => isLocal)).toEqual([]);
    expect(verdicts.filter(({ waitMs }) => waitMs === 0)).toHaveLength(90);
  });

  it('are exact for users, whose sessions are checked in the same command', async () => {
    let all: number[] = [];
    await until(async () => {
      const callers = await Promise.all(Array.from({ length: 3 }, () => aUser(t)));
      all = await Promise.all(callers.map(({ token }) => countAdmitted('/auth/sessions', token, '198.18.12.1')));
      return !all.includes(NaN);
    }, 20_000);
    expect(all).toEqual(Array(3).fill(LIMIT));
  });
});
