import { Redis } from 'ioredis';
import { RecentPlaces } from '../../src/activity/recent/recent-places.js';
import { Outbox } from '../../src/database/index.js';
import { UsersService } from '../../src/users/index.js';
import { useApp, type TestApp } from '../support/app.js';
import { allPages, aPlace, aUser, type PlaceBody, type TestUser } from '../support/factories.js';
import { given } from '../support/given.js';
import { until } from '../support/until.js';

describe('GET /users/me/recent-places', () => {
  const a = useApp();
  const b = a.useAnother();
  let redis: Redis;
  let owner: TestUser;

  beforeAll(async () => {
    redis = new Redis(a.env.redisUrl);
    owner = await aUser(a);
  });
  afterAll(() => redis.disconnect());

  it('lists each place once, newest first, on every instance, to its user only', async () => {
    const [reader, other] = [await aUser(a), await aUser(a)];
    const [one, two, three] = await places(3);
    for (const id of [one, two, three, one]) await view(id, reader);
    await view(two, other);
    expect(await recent(reader)).toEqual([one, three, two]);
    expect(await recent(reader, b)).toEqual([one, three, two]);
    expect(await recent(other, b)).toEqual([two]);
    expect((await a.api.get('/users/me/recent-places')).status).toBe(401);
  });

  it('counts a 304 but not a 404', async () => {
    const reader = await aUser(a);
    const [id] = await places(1);
    const { headers } = await a.api.get(`/places/${id}`, reader);
    await redis.del(`recent:{${reader.id}}`);
    const etag = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await a.api.get(`/places/${id}`, { token: reader.token, headers: etag })).status).toBe(304);
    await a.api.get('/places/99999', reader);
    await until(async () => (await redis.zcard(`recent:{${reader.id}}`)) === 1);
    expect(await recent(reader)).toEqual([id]);
  });

  it('is limited to 50, is paged, and expires after 90 days', async () => {
    const reader = await aUser(a);
    const ids = await places(55);
    for (const id of ids) await view(id, reader);
    expect(await recent(reader, a, '?limit=7')).toEqual([...ids].reverse().slice(0, 50));
    expect(await redis.zcard(`recent:{${reader.id}}`)).toBe(50);
    const ttlMs = await redis.pttl(`recent:{${reader.id}}`);
    expect(90 * 86_400_000 - ttlMs).toBeLessThan(60_000);
  });

  it('omits deleted places', async () => {
    const reader = await aUser(a);
    const [one, two] = await places(2);
    await view(one, reader);
    await view(two, reader);
    await a.api.delete(`/places/${two}`, owner);
    expect(await recent(reader)).toEqual([one]);
  });

  it('is deleted with the user, also while a view is in flight', async () => {
    const reader = await aUser(a);
    const [id] = await places(1);
    await view(id, reader);
    expect((await b.api.delete('/users/me', reader)).status).toBe(204);
    await until(async () => (await redis.exists(`recent:{${reader.id}}`)) === 0);
    a.app.get(RecentPlaces, { strict: false }).record(reader.id, given(id));
    // Sent after it on the same connection.
    await a.app.get(RecentPlaces, { strict: false }).page(reader.id, { after: null, limit: 1 });
    expect(await redis.exists(`recent:{${reader.id}}`)).toBe(0);
  });

  it('stays when the deletion of the user is rolled back', async () => {
    const reader = await aUser(a);
    const [id] = await places(1);
    await view(id, reader);
    const withdrawal = a.app.get(Outbox).transaction(async () => {
      await a.app.get(UsersService, { strict: false }).withdraw(reader.id);
      throw new Error('rolled back');
    });
    await expect(withdrawal).rejects.toThrow('rolled back');
    await until(async () => (await a.app.get(Outbox).depth('recent-places')).count === 0);
    expect(await redis.zrange(`recent:{${reader.id}}`, 0, -1)).toEqual([`${id}`]);
  });

  it('is deleted by another process when the committing one crashed', async () => {
    const reader = await aUser(a);
    const [id] = await places(1);
    await view(id, reader);
    // The state after a process was killed right after the commit of a withdrawal.
    await a.app.get(Outbox).addNow('recent-places', [reader.id]);
    await until(async () => (await redis.exists(`recent:{${reader.id}}`)) === 0);
  });

  async function places(count: number): Promise<number[]> {
    const ids: number[] = [];
    for (let n = 0; n < count; n += 1) ids.push((await aPlace(a, { owner })).id);
    return ids;
  }

  /** Views a place and waits for the record, which is written after the response. */
  async function view(id: number | undefined, reader: TestUser): Promise<void> {
    expect((await a.api.get(`/places/${id}`, reader)).status).toBe(200);
    await until(async () => (await redis.zrange(`recent:{${reader.id}}`, -1, -1))[0] === `${id}`);
  }

  async function recent(reader: TestUser, app: TestApp = a, query = ''): Promise<number[]> {
    const items = await allPages<PlaceBody>(app, `/users/me/recent-places${query}`, reader.token);
    return items.map(({ id }) => id);
  }
});
