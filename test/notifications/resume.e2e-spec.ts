import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { LiveConnections } from '../../src/notifications/live/live-connections.js';
import type { NewNotification } from '../../src/notifications/notification.js';
import { redisToken } from '../../src/redis/index.js';
import { NotificationsRepository } from '../../src/notifications/notifications.repository.js';
import { Outbox } from '../../src/database/index.js';
import { aUser, type TestUser } from '../support/factories.js';
import { SEED, seededRandom } from '../support/seeded-random.js';
import { until } from '../support/until.js';
import { listen, listenOnSocket, type Listener, type ReceivedEvent } from './support/listeners.js';
import { useTwoInstances } from '../support/two-instances.js';
import { keepTimeLimits } from '../support/time-limits.js';

keepTimeLimits();

describe('a listener', () => {
  const t = useTwoInstances();
  let ada: TestUser;

  beforeEach(async () => {
    ada = await aUser(t.here);
  });

  const numbered = (number: number, to: Partial<NewNotification> = {}): NewNotification => {
    const whom = { audience: 'user', userId: ada.id, kind: 'review-liked' } as const;
    return { source: randomUUID(), ...whom, data: { number }, ...to };
  };
  const post = (...notifications: NewNotification[]) => t.here.app.get(NotificationDelivery).post(...notifications);
  const numbers = (received: readonly ReceivedEvent[]) => received.map(({ data }) => data['number']);
  const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
  const hasAll = ({ received }: Listener, count: number) => received.length >= count;

  it(
    `receives each notification once and in order over random reconnects on two instances (seed ${SEED})`,
    async () => {
      const random = seededRandom(SEED);
      const total = 600;
      let posted = 0;
      const writers = [t.here, t.there].map(async ({ app }) => {
        while (posted < total) {
          const few = upTo(1 + Math.floor(random() * 5)).map(() => numbered(posted++));
          const all = random() < 0.3 ? few.map((each) => ({ ...each, audience: 'all' as const, userId: null })) : few;
          await app.get(NotificationDelivery).post(...all);
          await sleep(random() * 15);
        }
      });
      const clients = upTo(4).map(async (client) => {
        const received: ReceivedEvent[] = [];
        let lastEventId: number | undefined = 0;
        for (let visits = 0; received.length < posted || posted < total; visits += 1) {
          const { api } = random() < 0.5 ? t.here : t.there;
          const message = { accessToken: ada.token, lastEventId };
          const isSocket = client % 2 === 1;
          const how = { token: ada.token, lastEventId };
          const listener = await (isSocket ? listenOnSocket(api, { message }) : listen(api, how));
          await sleep(random() * 120);
          listener.close();
          received.push(...listener.received.splice(0));
          lastEventId = received.at(-1)?.id ?? 0;
          await sleep(random() * 120);
          if (visits > 500) throw new Error(`only ${received.length} of ${posted} arrived`);
        }
        return received;
      });
      await Promise.all(writers);
      const all = await Promise.all(clients);
      for (const received of all) {
        const ids = received.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
        expect(numbers(received).sort((one, other) => Number(one) - Number(other))).toEqual(upTo(posted));
      }
    },
    60_000,
  );

  it('receives everything sent during a minute of absence among thousands for others', async () => {
    const before = await listen(t.here.api, { token: ada.token });
    await post(numbered(0));
    await until(() => hasAll(before, 1));
    before.close();
    const ben = await aUser(t.here);
    for (let round = 0; round < 5; round += 1) {
      await post(...upTo(300).map((at) => numbered(at, { userId: ben.id })));
      await post(...upTo(60).map((at) => numbered(1 + round * 60 + at)));
    }
    await until(async () => (await t.here.app.get(Outbox, { strict: false }).depth('notifications')).count === 0);
    const back = await listen(t.there.api, { token: ada.token, lastEventId: before.received[0]?.id });
    await until(() => hasAll(back, 300));
    await post(numbered(301));
    await until(() => hasAll(back, 301));
    // Either instance stores notifications, so not always in the order of the posts; ids are always in order.
    expect(numbers(back.received).map(Number).sort((one, other) => one - other)).toEqual(upTo(302).slice(1));
    const ids = back.received.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
    back.close();
  });

  it('misses nothing that a batch read for other listeners while it joined', async () => {
    const [ben, other] = [await aUser(t.here), await listen(t.here.api, { token: ada.token })];
    await post(numbered(0));
    await until(() => hasAll(other, 1));
    const repository = t.here.app.get(NotificationsRepository);
    const findForConnected = repository.findForConnected.bind(repository);
    let joining: Promise<Listener> | undefined;
    jest.spyOn(repository, 'findForConnected').mockImplementationOnce(async (userIds, span) => {
      const news = await findForConnected(userIds, span);
      joining = listen(t.here.api, { token: ben.token, lastEventId: other.received[0]?.id });
      await until(() => t.here.app.get(LiveConnections).userIds.includes(ben.id));
      return news;
    });
    await post(numbered(1, { userId: ben.id }), numbered(2));
    await until(() => hasAll(other, 2) && joining !== undefined);
    jest.restoreAllMocks();
    const joined = (await joining) as Listener;
    await until(() => hasAll(joined, 1));
    await post(numbered(3, { userId: ben.id }));
    await until(() => hasAll(joined, 2));
    expect(numbers(joined.received)).toEqual([1, 3]);
    for (const listener of [other, joined]) listener.close();
  });

  it('starts with new notifications if it sends no event id', async () => {
    await post(numbered(0));
    await until(async () => (await t.here.app.get(Outbox, { strict: false }).depth('notifications')).count === 0);
    const fresh = await listen(t.there.api, { token: ada.token });
    await post(numbered(1));
    await until(() => hasAll(fresh, 1));
    expect(numbers(fresh.received)).toEqual([1]);
    fresh.close();
  });

  it('is notified within a few seconds if a publish is lost', async () => {
    const redis = new Redis(t.redis.url);
    const listeners = await Promise.all([t.here, t.there].map(({ api }) => listen(api, { token: ada.token })));
    // Subscriber connections are killed while a notification is published.
    await Promise.all([redis.client('KILL', 'TYPE', 'pubsub'), post(numbered(0), numbered(1))]);
    await until(() => listeners.every((each) => hasAll(each, 2)));
    // Redis accepts the publish, but has no subscriber.
    const subscribers = [t.here, t.there].map(({ app }) => app.get<Redis>(redisToken('subscriber'), { strict: false }));
    await Promise.all(subscribers.map((each) => each.unsubscribe('notifications')));
    await post(numbered(2));
    await until(() => listeners.every((each) => hasAll(each, 3)));
    await Promise.all(subscribers.map((each) => each.subscribe('notifications')));
    await post(numbered(3));
    await until(() => listeners.every((each) => hasAll(each, 4)));
    for (const each of listeners) expect(numbers(each.received)).toEqual([0, 1, 2, 3]);
    for (const each of listeners) each.close();
    redis.disconnect();
  });

  it('is notified and stays connected over a restart of Redis', async () => {
    const listener = await listen(t.there.api, { token: ada.token });
    await t.redis.stop();
    await post(numbered(0));
    await t.redis.start();
    await post(numbered(1));
    await until(() => hasAll(listener, 2));
    expect([numbers(listener.received), listener.isClosed]).toEqual([[0, 1], false]);
    listener.close();
  });
});
