import { readFileSync } from 'node:fs';
import { rows } from './readme/markdown.js';
import { useApp, type TestApp } from './support/app.js';
import { aPlace, aUser } from './support/factories.js';
import { PrometheusText } from './support/prometheus-text.js';
import { provideRedis, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';

keepTimeLimits();

const TOKEN = 'only-for-those-who-measure';
const REQUESTS = 'ecogreen_http_request_duration_seconds';

/** Process metrics that only Linux provides. */
const ONLY_ON_LINUX = /^process_(virtual_memory_bytes|heap_bytes|open_fds|max_fds)$/;

/** Name, type, labels and description of each metric in the tables of docs/metrics.md. */
function documentedMetrics(): string[][] {
  const lines = rows(readFileSync('docs/metrics.md', 'utf8').replaceAll('`', ''));
  return lines.filter(([name = '']) => /^\w+$/.test(name) && name.includes('_'));
}

async function metricsOf({ api }: TestApp): Promise<PrometheusText> {
  const { status, text } = await api.get('//metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`);
  return new PrometheusText(text);
}

describe('GET /metrics', () => {
  const app = useApp();

  it('returns exactly the metrics of docs/metrics.md', async () => {
    const documented = documentedMetrics();
    const { metrics } = await metricsOf(app);
    const exposed = [...metrics].map(([name, { type, labels, help }]) => {
      const [, , documentedLabels = ''] = documented.find(([each]) => each === name) ?? [];
      // The labels of a metric without series are unknown.
      return [name, type, labels.size === 0 ? documentedLabels : [...labels].sort().join(', '), help];
    });
    const expected = documented.filter(([name = '']) => process.platform === 'linux' || !ONLY_ON_LINUX.test(name));
    expect(exposed.sort()).toEqual(expected.sort());
  });

  it('counts requests by route, method and status, with durations', async () => {
    const before = await metricsOf(app);
    for (const path of ['/places/999999', '/places/888888', '/nothing', '/nothing/else']) await app.api.get(path);
    await app.api.call('DELETE', '/categories');
    const after = await metricsOf(app);
    const growth = (labels: Record<string, string>, name = 'count') =>
      (after.value(`${REQUESTS}_${name}`, labels) ?? 0) - (before.value(`${REQUESTS}_${name}`, labels) ?? 0);
    const missing = { method: 'GET', route: '/api/v1/places/:id', status: '404' };
    expect(growth(missing)).toBe(2);
    expect(growth(missing, 'sum')).toBeGreaterThan(0);
    expect(growth({ ...missing, le: '+Inf' }, 'bucket')).toBe(2);
    expect(growth({ method: 'GET', route: '(none)', status: '404' })).toBe(2);
    expect(growth({ method: 'DELETE', route: '(none)', status: '405' })).toBe(1);
    expect(growth({ method: 'GET', route: '/metrics', status: '200' })).toBe(1);
  });

  it('counts the outcomes of each cache', async () => {
    const owner = await aUser(app);
    const { id } = await aPlace(app, { owner });
    const before = await metricsOf(app);
    await app.api.get(`/places/${id}`);
    await app.api.get(`/places/${id}`);
    await app.api.patch(`/places/${id}`, { description: 'now with a refill station' }, { token: owner.token });
    const after = await metricsOf(app);
    const growth = (name: string, labels: Record<string, string> = {}) => {
      const [line, all] = [`ecogreen_cache_${name}_total`, { cache: 'place', ...labels }];
      return (after.value(line, all) ?? 0) - (before.value(line, all) ?? 0);
    };
    expect([growth('misses'), growth('hits'), growth('loads'), growth('puts')]).toEqual([1, 1, 1, 1]);
    expect(growth('load_seconds')).toBeGreaterThan(0);
    expect(growth('read_bytes')).toBeGreaterThan(100);
    expect(growth('written_bytes')).toBeGreaterThanOrEqual(growth('read_bytes'));
    expect(growth('evictions', { kind: 'key' })).toBe(1);
  });

  it('counts the connections to PostgreSQL', async () => {
    const metrics = await metricsOf(app);
    const connections = (state: string) => metrics.value('ecogreen_postgres_pool_connections', { state }) ?? 0;
    expect(connections('busy') + connections('idle')).toBeGreaterThan(0);
    expect(metrics.value('ecogreen_postgres_pool_max_connections')).toBe(app.env.databasePoolSize);
    expect(metrics.value('ecogreen_postgres_pool_waiting')).toBe(0);
  });

  it('allows the local machine only, and no client behind a local proxy', async () => {
    const server = app.app.getHttpAdapter().getInstance();
    const statusFrom = async (remoteAddress: string, headers = {}) =>
      (await server.inject({ method: 'GET', url: '/metrics', remoteAddress, headers })).statusCode;
    const statusesFrom = (...addresses: string[]) => Promise.all(addresses.map((each) => statusFrom(each)));
    expect(await statusesFrom('127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1')).toEqual([200, 200, 200, 200]);
    expect(await statusesFrom('10.0.0.7', '::ffff:10.0.0.7', 'fe80::1')).toEqual([403, 403, 403]);
    expect(await statusFrom('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' })).toBe(403);
    expect(await statusFrom('10.0.0.7', { authorization: `Bearer ${TOKEN}` })).toBe(403);
  });

  it('is not part of the API', async () => {
    expect((await app.api.get('/metrics')).status).toBe(404);
    const { status, headers } = await app.api.call('POST', '//metrics');
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('GET /metrics of two instances in one process', () => {
  let redis: ProvidedServer;

  beforeAll(async () => {
    redis = await provideRedis('cache');
  });
  const first = useApp({ env: { METRICS_TOKEN: TOKEN } });
  const second = useApp(() => ({ env: { METRICS_TOKEN: TOKEN, REDIS_CACHE_URL: redis.url } }));
  afterAll(() => redis.drop());

  const read = async ({ api }: TestApp) =>
    new PrometheusText((await api.get('//metrics', { headers: { authorization: `Bearer ${TOKEN}` } })).text);

  it('returns separate counts', async () => {
    await first.api.get('/categories');
    const labels = { method: 'GET', route: '/api/v1/categories', status: '200' };
    const responses = await Promise.all([first, second].map(read));
    const counts = responses.map((each) => each.value(`${REQUESTS}_count`, labels));
    expect(counts).toEqual([1, undefined]);
  });

  it('requires the token if one is set, also locally', async () => {
    const statusWith = async (headers: Record<string, string>) =>
      (await first.api.get('//metrics', { headers })).status;
    expect(await statusWith({})).toBe(403);
    expect(await statusWith({ authorization: `Bearer ${TOKEN}x` })).toBe(403);
    expect(await statusWith({ authorization: TOKEN })).toBe(403);
    expect(await statusWith({ authorization: `Bearer ${TOKEN}` })).toBe(200);
  });

  it('shows an unavailable Redis and the events of its connection', async () => {
    const ready = async (role: string) => (await read(second)).value('ecogreen_redis_ready', { role });
    const events = async (event: string) =>
      (await read(second)).value('ecogreen_redis_connection_events_total', { role: 'cache', event }) ?? 0;
    const breaker = async (state: string) =>
      (await read(second)).value('ecogreen_redis_breaker_state', { role: 'cache', state });
    expect([await ready('cache'), await events('ready'), await breaker('closed')]).toEqual([1, 1, 1]);
    await redis.stop();
    await until(async () => (await ready('cache')) === 0 && (await events('error')) > 0);
    expect([await ready('store'), await breaker('closed')]).toEqual([1, 0]);
    await redis.start();
    await until(async () => (await ready('cache')) === 1);
    expect(await events('ready')).toBe(2);
    expect(await events('reconnecting')).toBeGreaterThan(0);
  });
});
