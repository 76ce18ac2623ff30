import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { Rankings } from '../../src/activity/index.js';
import { createApp, useApp, type TestApp } from '../support/app.js';
import {
  allPages, aPlace, aReview, users, type PageBody, type PlaceBody, type TestUser,
} from '../support/factories.js';
import { given } from '../support/given.js';
import { provideRedis } from '../support/services.js';
import { SEED, seededRandom } from '../support/seeded-random.js';
import { keepTimeLimits } from '../support/time-limits.js';

keepTimeLimits();

describe(`GET /places/popular (SEED=${SEED})`, () => {
  const a = useApp();
  const b = a.useAnother();
  let redis: Redis;
  let fans: TestUser[];

  beforeAll(async () => {
    redis = new Redis(a.env.redisCacheUrl);
    fans = await users(a, 4);
  });
  afterAll(() => redis.disconnect());
  beforeEach(async () => {
    await sql('DELETE FROM place');
    await redis.flushdb();
  });

  it('ranks by views, marks and reviews on every instance, and omits places without any', async () => {
    const [seen, liked, reviewed, unknown] = await places(4);
    await view(seen, 9);
    await a.api.put(`/places/${liked}/like`, fans[0]);
    await a.api.put(`/places/${liked}/like`, fans[1]);
    await a.api.put(`/places/${liked}/bookmark`, fans[1]);
    await aReview(a, { place: { id: given(reviewed) } });
    await rank();
    for (const app of [a, b]) expect(await popular('?window=day', app)).toEqual([seen, liked, reviewed]);
    expect(await scores()).toEqual([[seen, 20], [liked, 15], [reviewed, 10], [unknown, 0]]);
    await a.api.delete(`/places/${liked}/like`, fans[0]);
    await a.api.delete(`/places/${liked}/bookmark`, fans[1]);
    await rank();
    expect(await popular('?window=day')).toEqual([seen, reviewed, liked]);
  });

  it('counts the last 24 hours or seven days only', async () => {
    const [today, thisWeek, before] = await places(3);
    await view(today, 1, '23 hours');
    await view(thisWeek, 10, '24 hours');
    await view(before, 1_000, '168 hours');
    await rank();
    expect(await popular('?window=day')).toEqual([today]);
    expect(await popular('?window=week')).toEqual([thisWeek, today]);
    expect((await a.api.get('/places/popular?window=month')).status).toBe(400);
  });

  it('pages in one order, ties by newest first', async () => {
    const random = seededRandom(SEED);
    const ids = await places(60);
    const views = new Map(ids.map((id) => [id, 1 + Math.floor(random() * 4)]));
    for (const [id, count] of views) await view(id, count);
    await rank();
    const expected = [...ids].sort((one, other) => (views.get(other) ?? 0) - (views.get(one) ?? 0) || other - one);
    expect(await popular('?window=week&limit=7')).toEqual(expected);
    const sorted = await allPages<PlaceBody>(a, '/places?sort=popular&limit=7');
    expect(sorted.map(({ id }) => id)).toEqual(expected);
    const { body } = await a.api.get<PageBody<PlaceBody>>('/places/popular?window=week&limit=7');
    const other = await a.api.get(`/places/popular?window=day&limit=7&cursor=${body.nextCursor}`);
    expect(other.status).toBe(400);
  });

  it('keeps the filters of a list sorted by popularity', async () => {
    const [cafe, vegan, other] = [
      await aPlace(a, { category: 'CAFE' }),
      await aPlace(a, { category: 'VEGAN' }),
      await aPlace(a, { category: 'CAFE', district: '중구' }),
    ].map(({ id }) => id);
    await view(other, 5);
    await view(vegan, 3);
    await rank();
    const ids = async (query: string) => {
      const { body } = await a.api.get<PageBody<PlaceBody>>(`/places?sort=popular&${query}`);
      return body.items.map(({ id }) => id);
    };
    expect(await ids('')).toEqual([other, vegan, cafe]);
    expect(await ids('category=CAFE')).toEqual([other, cafe]);
    expect(await ids('district=마포구')).toEqual([vegan, cafe]);
    await view(cafe, 50);
    await rank();
    expect(await ids('category=CAFE')).toEqual([cafe, other]);
  });

  it('changes neither version nor time nor cached responses of a place', async () => {
    const { id } = await aPlace(a);
    const before = await a.api.get<PlaceBody>(`/places/${id}`);
    await view(id, 5);
    await rank();
    const after = await a.api.get<PlaceBody>(`/places/${id}`);
    expect([after.body, after.headers.get('x-cache')]).toEqual([before.body, 'HIT']);
    const [row] = await sql('SELECT version, updated_at = created_at AS same FROM place');
    expect(row).toEqual({ version: 1, same: true });
    expect(Object.keys(after.body)).not.toContain('popularity');
  });

  it('postpones the score of a place that is locked by a write, without waiting', async () => {
    const [busy, free] = await places(2);
    await view(busy, 9);
    await view(free, 9);
    const writer = a.app.get(DataSource).createQueryRunner();
    await writer.query('BEGIN');
    await writer.query('SELECT FROM place WHERE id = $1 FOR NO KEY UPDATE', [busy]);
    await rank();
    expect(await scores()).toEqual([[free, 20], [busy, 0]]);
    await writer.query('COMMIT');
    await writer.release();
    await rank();
    expect(await scores()).toEqual([[busy, 20], [free, 20]]);
  });

  it('omits a place immediately after its deletion', async () => {
    const owner = given(fans[0]);
    const { id } = await aPlace(a, { owner });
    const [other] = await places(1);
    await view(id, 5);
    await view(other, 1);
    await rank();
    expect(await popular()).toEqual([id, other]);
    await a.api.delete(`/places/${id}`, owner);
    expect(await popular('', b)).toEqual([other]);
  });

  it('reads PostgreSQL after Redis lost the ranking, and caches it again', async () => {
    const [id] = await places(1);
    await view(id, 1);
    await rank();
    await redis.flushdb();
    expect(await popular()).toEqual([id]);
    expect(await redis.exists('ranking:{day}')).toBe(1);
  });

  it('caches an empty ranking too', async () => {
    await places(1);
    await rank();
    expect(await popular()).toEqual([]);
    expect(await redis.zcard('ranking:{day}')).toBe(1);
  });

  it('returns the same pages from PostgreSQL while Redis is unavailable', async () => {
    const ids = await places(5);
    for (const [at, id] of ids.entries()) await view(id, at % 2);
    await rank();
    const cached = await popular('?limit=2');
    const server = await provideRedis();
    const third = await createApp({ env: { DATABASE_URL: a.env.databaseUrl, REDIS_URL: server.url } });
    await server.stop();
    expect(await popular('?limit=2', third)).toEqual(cached);
    await third.close();
    await server.drop();
  });

  async function places(count: number): Promise<number[]> {
    const ids: number[] = [];
    const owner = given(fans[3]);
    for (let n = 0; n < count; n += 1) ids.push((await aPlace(a, { owner })).id);
    return ids;
  }

  async function view(id: number | undefined, views: number, ago = '0 hours'): Promise<void> {
    await sql(
      `INSERT INTO place_view (hour, place_id, views)
       SELECT date_trunc('hour', now()) - $3::interval, $1, $2 WHERE $2 > 0
       ON CONFLICT (hour, place_id) DO UPDATE SET views = place_view.views + EXCLUDED.views`,
      [given(id), views, ago],
    );
  }

  const rank = () => b.app.get(Rankings, { strict: false }).rank();

  async function popular(query = '', app: TestApp = a): Promise<number[]> {
    return (await allPages<PlaceBody>(app, `/places/popular${query}`)).map(({ id }) => id);
  }

  async function scores(): Promise<number[][]> {
    const rows = await sql<{ id: number; popularity: number }>('SELECT id, popularity FROM place ORDER BY 2 DESC, 1');
    return rows.map(({ id, popularity }) => [id, popularity]);
  }

  function sql<T>(text: string, values: unknown[] = []): Promise<T[]> {
    return a.app.get(DataSource).query<T[]>(text, values);
  }
});
