import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Outbox } from '../../src/database/index.js';
import { redisToken, type RedisClient } from '../../src/redis/index.js';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { NotificationsRepository } from '../../src/notifications/notifications.repository.js';
import type { NewNotification } from '../../src/notifications/notification.js';
import type { TestApp } from '../support/app.js';
import { aUser, type TestUser } from '../support/factories.js';
import { until } from '../support/until.js';
import { useTwoInstances } from '../support/two-instances.js';
import { keepTimeLimits } from '../support/time-limits.js';

keepTimeLimits();

interface Item {
  readonly id: number;
  readonly kind: string;
  readonly data: { readonly number?: number };
  readonly createdAt: string;
  readonly read: boolean;
}

describe('GET /notifications', () => {
  const t = useTwoInstances();
  let ada: TestUser;

  beforeEach(async () => {
    ada = await aUser(t.here);
  });

  const list = async ({ api }: TestApp, { token }: TestUser = ada): Promise<Item[]> => {
    const { status, body, text } = await api.get<{ items: Item[] }>('/notifications', { token });
    if (status !== 200) throw new Error(`the list answered ${status}: ${text}`);
    return body.items;
  };
  const numbers = (items: Item[]) => items.map(({ data }) => data.number);
  const numbered = (number: number, to: Partial<NewNotification> = {}): NewNotification => {
    const whom = { audience: 'user', userId: ada.id, kind: 'review-liked' } as const;
    return { source: randomUUID(), ...whom, data: { number }, ...to };
  };
  const post = (...notifications: NewNotification[]) => t.here.app.get(NotificationDelivery).post(...notifications);
  const cacheOf = ({ app }: TestApp) => app.get<RedisClient>(redisToken('cache'), { strict: false });

  it('returns the last 100, newest first, from Redis and PostgreSQL alike', async () => {
    expect(numbers(await list(t.here))).toEqual([]);
    await post(...Array.from({ length: 130 }, (_, number) => numbered(number)));
    const expected = Array.from({ length: 100 }, (_, at) => 129 - at);
    await until(async () => numbers(await list(t.there))[0] === 129);
    const cached = await list(t.here);
    expect(numbers(cached)).toEqual(expected);
    expect(await cacheOf(t.here).zcard(`notifications:{${ada.id}}`)).toBe(101);
    await cacheOf(t.here).flushdb();
    expect(await list(t.there)).toEqual(cached);
    expect(await list(t.there)).toEqual(cached);
    expect(cached[0]).toEqual({
      ...{ id: expect.any(Number), kind: 'review-liked', data: { number: 129 }, read: false },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('returns notifications for the reader, for all users and, to admins, for admins', async () => {
    const [ben, root] = await Promise.all([aUser(t.here), aUser(t.here, { role: 'admin' })]);
    const isThere = (number: number | undefined) => number !== undefined;
    const numberOf = async (user: TestUser) => numbers(await list(t.here, user)).filter(isThere);
    await post(
      numbered(1),
      numbered(2, { audience: 'admins', userId: null }),
      numbered(3, { audience: 'all', userId: null }),
      numbered(4, { userId: ben.id }),
    );
    await until(async () => (await numberOf(ben)).includes(4));
    expect([await numberOf(ada), await numberOf(ben), await numberOf(root)]).toEqual([[3, 1], [4, 3], [3, 2]]);
  });

  it('moves the read mark forward only, and never beyond the newest', async () => {
    await post(numbered(1), numbered(2), numbered(3));
    const own = async () => (await list(t.there)).filter(({ kind }) => kind === 'review-liked').slice(0, 3);
    await until(async () => (await own()).length === 3);
    const read = async () => (await own()).map((each) => each.read);
    const mark = (upTo: unknown) => t.here.api.put('/notifications/read', { token: ada.token, body: { upTo } });
    const [, second] = await own();
    expect((await mark(second?.id)).status).toBe(204);
    expect(await read()).toEqual([false, true, true]);
    await mark(0);
    expect(await read()).toEqual([false, true, true]);
    await mark(Number.MAX_SAFE_INTEGER);
    expect(await read()).toEqual([true, true, true]);
    await post(numbered(4));
    await until(async () => (await own())[0]?.data.number === 4);
    expect(await read()).toEqual([false, true, true]);
    expect((await mark('all')).status).toBe(400);
  });

  it('does not set a read mark for a user being deleted', async () => {
    const dataSource = t.here.app.get(DataSource);
    const response = await dataSource.transaction(async (manager) => {
      await manager.query('DELETE FROM app_user WHERE id = $1', [ada.id]);
      const marking = t.there.api.put('/notifications/read', { token: ada.token, body: { upTo: 1 } });
      const waiting = () =>
        dataSource.query<unknown[]>(`
          SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%notification_read_mark%'
        `);
      await until(async () => (await waiting()).length > 0);
      return { marking };
    });
    expect((await response.marking).status).toBe(204);
  });

  it('reads PostgreSQL while the cache Redis is unavailable, and is complete afterwards', async () => {
    await post(numbered(1));
    await until(async () => (await list(t.here)).length > 0);
    await t.cache.stop();
    await post(numbered(2));
    await until(async () => numbers(await list(t.there)).includes(2));
    await t.cache.start();
    await until(() => cacheOf(t.here).ping().then(() => true, () => false));
    await until(async () => numbers(await list(t.here))[0] === 2);
    await post(numbered(3));
    await until(async () => numbers(await list(t.here))[0] === 3);
  });

  it.each([
    ['while it was filled', false],
    ['while it was filled, and dropped in the meantime', true],
  ])('never caches a history without a notification that was added %s', async (_when, isDropped) => {
    const [repository, redis] = [t.here.app.get(NotificationsRepository), cacheOf(t.here)];
    const findNewest = repository.findNewest.bind(repository);
    const key = `notifications:{${ada.id}}`;
    jest.spyOn(repository, 'findNewest').mockImplementation(async (recipient, limit) => {
      const found = await findNewest(recipient, limit);
      if (recipient !== ada.id) return found;
      // Another notification arrives between the read and the fill of the cache.
      if (isDropped) await redis.del(key);
      await post(numbered(7));
      await until(async () => (await findNewest(recipient, limit)).length > found.length);
      await until(async () => (await t.here.app.get(Outbox, { strict: false }).depth('notifications')).count === 0);
      expect(await redis.zcard(key)).toBe(isDropped ? 0 : 2);
      return found;
    });
    await list(t.here).finally(() => jest.restoreAllMocks());
    expect(numbers(await list(t.there))[0]).toBe(7);
  });

  it('is deleted with the user', async () => {
    await post(numbered(1));
    await until(async () => (await list(t.here)).length > 0);
    expect(await cacheOf(t.here).exists(`notifications:{${ada.id}}`)).toBe(1);
    expect((await t.here.api.delete('/users/me', { token: ada.token })).status).toBe(204);
    await until(async () => (await cacheOf(t.here).exists(`notifications:{${ada.id}}`)) === 0);
    expect(await t.here.app.get(NotificationsRepository).findNewest(ada.id, 10)).toEqual([]);
    // A notification for a deleted user is dropped, and delays no other.
    await post(numbered(2), numbered(5, { audience: 'all', userId: null }));
    const ben = await aUser(t.here);
    await until(async () => numbers(await list(t.here, ben))[0] === 5);
  });
});
