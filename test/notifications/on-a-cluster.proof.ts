import { randomUUID } from 'node:crypto';
import type { NewNotification } from '../../src/notifications/notification.js';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { redisToken, type RedisClient } from '../../src/redis/index.js';
import { createApp, type TestApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { provideDatabase, type ProvidedDatabase } from '../support/services.js';
import { until } from '../support/until.js';
import { listen } from './support/listeners.js';

describe('notifications on a Redis Cluster', () => {
  let cluster: ProvidedCluster;
  let database: ProvidedDatabase;
  let apps: TestApp[];

  beforeAll(async () => {
    [cluster, database] = await Promise.all([provideRedisCluster(), provideDatabase()]);
    const env = { DATABASE_URL: database.url, REDIS_URL: cluster.url, REDIS_CACHE_URL: cluster.url };
    apps = await Promise.all([createApp({ env }), createApp({ env })]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await Promise.all([cluster.drop(), database.drop()]);
  });

  it('reach every instance through any node, and the history of each user', async () => {
    const [here] = apps as [TestApp];
    const people = await Promise.all(Array.from({ length: 12 }, () => aUser(here)));
    const hints = apps.map(() => 0);
    for (const [at, { app }] of apps.entries()) {
      const subscriber = app.get<RedisClient>(redisToken('subscriber'), { strict: false });
      subscriber.on('message', () => (hints[at] = (hints[at] ?? 0) + 1));
    }
    const listening = people.map(({ token }, at) => listen((apps[at % 2] as TestApp).api, { token }));
    const listeners = await Promise.all(listening);
    const post = (audience: 'user' | 'all', userId: string | null, number: number) => {
      const notification: NewNotification = {
        ...{ source: randomUUID(), audience, userId, kind: 'announcement' },
        data: { number },
      };
      return here.app.get(NotificationDelivery).post(notification);
    };
    for (const { id } of people) await post('user', id, 1);
    await post('all', null, 2);
    await until(() => listeners.every(({ received }) => received.map(({ data }) => data['number']).join() === '1,2'));
    expect(hints.every((count) => count > 0)).toBe(true);
    for (const turn of ['from PostgreSQL', 'from Redis']) {
      for (const [at, { token }] of people.entries()) {
        const { body } = await (apps[at % 2] as TestApp).api.get<{ items: { data: { number: number } }[] }>(
          '/notifications', { token },
        );
        expect([turn, body.items.map(({ data }) => data.number)]).toEqual([turn, [2, 1]]);
      }
    }
    const sizes = await Promise.all(people.map(({ id }) => {
      return here.app.get<RedisClient>(redisToken('cache'), { strict: false }).zcard(`notifications:{${id}}`);
    }));
    expect(sizes).toEqual(people.map(() => 2));
    for (const listener of listeners) listener.close();
  });
});
