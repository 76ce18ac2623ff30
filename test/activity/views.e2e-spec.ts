import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { ViewFlush } from '../../src/activity/views/view-flush.js';
import { createApp, useApp } from '../support/app.js';
import { aPlace, aUser } from '../support/factories.js';
import { provideRedis } from '../support/services.js';
import { until } from '../support/until.js';
import { keepTimeLimits } from '../support/time-limits.js';

keepTimeLimits();

describe('a view of a place', () => {
  const a = useApp();
  const b = a.useAnother();
  let redis: Redis;

  beforeAll(() => {
    redis = new Redis(a.env.redisUrl);
  });
  afterAll(() => redis.disconnect());

  it('counts once for each 200 and 304 on any instance, cached or not, and for nothing else', async () => {
    const [one, other] = [a, b];
    const owner = await aUser(one);
    const { id } = await aPlace(one, { owner });
    const { headers } = await one.api.get(`/places/${id}`);
    expect((await other.api.get(`/places/${id}`)).headers.get('x-cache')).toBe('HIT');
    const etag = headers.get('etag') ?? '';
    expect((await other.api.get(`/places/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await one.api.get(`/places/${id}`, owner)).status).toBe(200);
    await one.api.call('HEAD', `/places/${id}`);
    await one.api.get(`/places/${id}`, { token: 'none' });
    for (const path of ['/places/999999', '/places/x', `/places/${id}/reviews`, '/places']) await one.api.get(path);
    await until(async () => (await openViews(id)) === 4);
  });

  it('moves from Redis to PostgreSQL after two runs', async () => {
    const [one, other] = [a, b];
    const { id } = await aPlace(one);
    await Promise.all(Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? one : other).api.get(`/places/${id}`)));
    await until(async () => (await openViews(id)) === 30);
    await one.app.get(ViewFlush, { strict: false }).run({ settlingMs: 0 });
    expect([await openViews(id), await written(id)]).toEqual([0, 0]);
    await other.app.get(ViewFlush, { strict: false }).run({ settlingMs: 0 });
    expect([await openViews(id), await written(id)]).toEqual([0, 30]);
    expect(await redis.keys('views:{views}:batch*')).toEqual([]);
  });

  it('is not lost when its instance shuts down immediately', async () => {
    const one = a;
    const { id } = await aPlace(one);
    const third = await createApp({ env: { DATABASE_URL: one.env.databaseUrl, REDIS_URL: one.env.redisUrl } });
    await Promise.all(Array.from({ length: 20 }, () => third.api.get(`/places/${id}`)));
    await third.close();
    expect(await openViews(id)).toBe(20);
  });

  it('is buffered while Redis is refused or frozen, and then counts once', async () => {
    const one = a;
    const { id } = await aPlace(one);
    const server = await provideRedis();
    const third = await createApp({ env: { DATABASE_URL: one.env.databaseUrl, REDIS_URL: server.url } });
    const own = new Redis(server.url, { retryStrategy: () => 50 });
    own.on('error', () => undefined);
    await third.api.get(`/places/${id}`);
    await until(async () => (await openViews(id, own)) === 1);
    server.pause();
    for (let n = 0; n < 10; n += 1) expect((await third.api.get(`/places/${id}`)).status).toBe(200);
    // Commands sent before the breaker opens run after the freeze, and are sent again; their number identifies them.
    await until(() => third.api.get('//health/ready').then(({ status }) => status === 503));
    server.resume();
    await until(async () => (await openViews(id, own)) === 11);
    await server.stop();
    for (let n = 0; n < 10; n += 1) expect((await third.api.get(`/places/${id}`)).status).toBe(200);
    await server.start();
    await until(async () => (await openViews(id, own)) === 21);
    own.disconnect();
    await third.close();
    await server.drop();
  }, 40_000);

  async function openViews(id: number, client = redis): Promise<number> {
    const fields = Object.entries(await client.hgetall('views:{views}:open'));
    return fields.filter(([field]) => field.endsWith(`:${id}`)).reduce((sum, [, views]) => sum + Number(views), 0);
  }

  async function written(id: number): Promise<number> {
    const sql = 'SELECT coalesce(sum(views), 0)::int AS views FROM place_view WHERE place_id = $1';
    const rows = await a.app.get(DataSource).query<{ views: number }[]>(sql, [id]);
    return rows[0]?.views ?? NaN;
  }
});
