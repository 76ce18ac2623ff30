import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { Outbox } from '../../src/database/index.js';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { useApp } from '../support/app.js';
import { aUser, type TestUser } from '../support/factories.js';
import { until } from '../support/until.js';
import { listen, type Listener } from './support/listeners.js';

describe('the pub/sub hint about new notifications', () => {
  const t = useApp();
  let admin: Redis;
  let ada: TestUser;

  beforeAll(async () => {
    admin = new Redis(t.env.redisUrl);
    ada = await aUser(t);
  });
  afterAll(() => admin.disconnect());

  const channels = async () => (await admin.pubsub('CHANNELS')) as string[];
  const killSubscribers = () => admin.client('KILL', 'TYPE', 'pubsub');

  const post = (number: number, userId = ada.id) =>
    t.app.get(NotificationDelivery).post({
      ...{ source: randomUUID(), audience: 'user', userId, kind: 'announcement', data: { number } },
    });
  const numbers = ({ received }: Listener) => received.map(({ data }) => data['number']);

  it('is never trusted: any payload only triggers a read', async () => {
    const listener = await listen(t.api, { token: ada.token });
    for (const payload of ['5000000', 'nonsense', '-1', '']) await admin.publish('notifications', payload);
    await post(1);
    await until(() => listener.received.length === 1);
    const other = await listen(t.api, { token: ada.token });
    await post(2);
    await until(() => listener.received.length === 2 && other.received.length === 1);
    expect([numbers(listener), numbers(other)]).toEqual([[1, 2], [2]]);
    for (const each of [listener, other]) each.close();
  });

  it('is followed even if the newest notification was deleted with its user', async () => {
    const listener = await listen(t.api, { token: ada.token });
    const ben = await aUser(t);
    await post(1, ben.id);
    await post(2);
    await post(3, ben.id);
    await until(() => listener.received.length === 1);
    await until(async () => (await t.app.get(Outbox).depth('notifications')).count === 0);
    expect((await t.api.delete('/users/me', { token: ben.token })).status).toBe(204);
    // Longer than the interval in which a process polls without a hint.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await post(4);
    await until(() => listener.received.length === 2);
    expect([numbers(listener), listener.isClosed]).toEqual([[2, 4], false]);
    listener.close();
  });

  it('is followed after the database was restored to an earlier state', async () => {
    const sql = (text: string) => t.app.get(DataSource).query(text);
    const listener = await listen(t.api, { token: ada.token });
    await sql("SELECT setval('notification_id_seq', 5000)");
    await post(1);
    await until(() => listener.received.length === 1);
    const lastEventId = listener.received[0]?.id;
    await sql('DELETE FROM notification');
    await sql("SELECT setval('notification_id_seq', 100)");
    await until(() => listener.isClosed);
    const back = await listen(t.api, { token: ada.token, lastEventId });
    await post(2);
    await until(() => back.received.length === 1);
    expect(back.received[0]).toMatchObject({ id: 101, data: { number: 2 } });
    back.close();
  });

  it('is not needed: notifications arrive while Redis refuses the subscription', async () => {
    const listener = await listen(t.api, { token: ada.token });
    await until(async () => (await channels()).includes('notifications'));
    await admin.acl('SETUSER', 'default', 'resetchannels', '&only-this-one');
    await killSubscribers();
    await until(async () => !(await channels()).includes('notifications'));
    await post(1);
    await until(() => listener.received.length === 1);
    expect(await channels()).not.toContain('notifications');
    await admin.acl('SETUSER', 'default', 'allchannels');
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(async () => (await channels()).includes('notifications'));
    await post(2);
    await until(() => listener.received.length === 2);
    listener.close();
  });
});
