import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { createApp, type TestApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { listen } from './support/listeners.js';

describe('hints that there is news', () => {
  let server: ProvidedServer;
  let admin: Redis;
  let t: TestApp;

  beforeAll(async () => {
    server = await provideRedis();
    admin = new Redis(server.url);
    t = await createApp({ env: { REDIS_URL: server.url } });
  });
  afterAll(async () => {
    await t.close();
    admin.disconnect();
    await server.drop();
  });

  const channels = async () => (await admin.pubsub('CHANNELS')) as string[];
  const loseConnections = () => admin.client('KILL', 'TYPE', 'pubsub');

  it('are missed and no more than that when Redis refuses them, and come again when it does not', async () => {
    const { id: userId, token } = await aUser(t);
    const listener = await listen(t.api, { token });
    const tell = (number: number) =>
      t.app.get(NotificationDelivery).post({
        ...{ source: randomUUID(), audience: 'user', userId, kind: 'announcement', data: { number } },
      });
    await until(async () => (await channels()).includes('notifications'));
    await admin.acl('SETUSER', 'default', 'resetchannels', '&only-this-one');
    await loseConnections();
    await until(async () => !(await channels()).includes('notifications'));
    await tell(1);
    await until(() => listener.told.length === 1);
    expect(await channels()).not.toContain('notifications');
    await admin.acl('SETUSER', 'default', 'allchannels');
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(async () => (await channels()).includes('notifications'));
    await tell(2);
    await until(() => listener.told.length === 2);
    listener.leave();
  });
});
