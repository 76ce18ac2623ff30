import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { useApp } from '../support/app.js';
import { aPlace, type PageBody, type PlaceBody } from '../support/factories.js';
import { until } from '../support/until.js';

describe('scheduled activity jobs', () => {
  const t = useApp({ env: { JOBS: 'on' } });
  let redis: Redis;

  beforeAll(() => {
    redis = new Redis(t.env.redisCacheUrl);
  });
  afterAll(() => {
    redis.disconnect();
  });

  it('write views back within some twenty seconds and rank places', async () => {
    const { id } = await aPlace(t);
    for (let n = 0; n < 5; n += 1) await t.api.get(`/places/${id}`);
    await until(async () => (await redis.exists('ranking:{day}', 'ranking:{week}')) === 2, 30_000);
    const written = () => t.app.get(DataSource).query<{ views: number }[]>('SELECT views FROM place_view');
    await until(async () => (await written())[0]?.views === 5, 60_000);
    // Makes the request rank by PostgreSQL, as the next run does a minute later.
    await redis.del('ranking:{day}');
    const { body } = await t.api.get<PageBody<PlaceBody>>('/places/popular');
    expect(body.items.map((place) => place.id)).toEqual([id]);
  }, 120_000);
});
