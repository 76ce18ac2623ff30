import { randomUUID } from 'node:crypto';
import type { NewNotification } from '../../src/notifications/notification.js';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { redisToken, type RedisClient } from '../../src/redis/index.js';
import { useApp, type TestApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { until } from '../support/until.js';
import { listen } from './support/listeners.js';

describe('notifications on a Redis Cluster', () => {
  let cluster: ProvidedCluster;

  beforeAll(async () => {
    cluster = await provideRedisCluster();
  }, 60_000);
  const here = useApp(() => ({ env: { REDIS_URL: cluster.url, REDIS_CACHE_URL: cluster.url } }));
  const apps = [here, here.useAnother()];
  afterAll(() => cluster.drop());

  it('reach every instance through any node, and the history of each user', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => aUser(here)));
    const hints = apps.map(() => 0);
    for (const [at, { app }] of apps.entries()) {
      const subscriber = app.get<RedisClient>(redisToken('subscriber'), { strict: false });
      subscriber.on('message', () => (hints[at] = (hints[at] ?? 0) + 1));
    }
    const listening = users.map(({ token }, at) => listen((apps[at % 2] as TestApp).api, { token }));
    const listeners = await Promise.all(listening);
    const post = (audience: 'user' | 'all', userId: string | null, number: number) => {
      const notification: NewNotification = {
        ...{ source: randomUUID(), audience, userId, kind: 'announcement' },
        data: { number },
      };
      return here.app.get(NotificationDelivery).post(notification);
    };
    for (const { id } of users) await post('user', id, 1);
    await post('all', null, 2);
    await until(() => listeners.every(({ received }) => received.map(({ data }) => data['number']).join() === '1,2'));
    expect(hints.every((count) => count > 0)).toBe(true);
    for (const source of ['PostgreSQL', 'Redis']) {
      for (const [at, { token }] of users.entries()) {
        const { body } = await (apps[at % 2] as TestApp).api.get<{ items: { data: { number: number } }[] }>(
          '/notifications', { token },
        );
        expect([source, body.items.map(({ data }) => data.number)]).toEqual([source, [2, 1]]);
      }
    }
    const sizes = await Promise.all(users.map(({ id }) => {
      return here.app.get<RedisClient>(redisToken('cache'), { strict: false }).zcard(`notifications:{${id}}`);
    }));
    expect(sizes).toEqual(users.map(() => 2));
    for (const listener of listeners) listener.close();
  });
});
