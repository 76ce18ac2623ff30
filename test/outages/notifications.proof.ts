import { randomUUID } from 'node:crypto';
import { Outbox } from '../../src/database/index.js';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { redisToken, type RedisClient } from '../../src/redis/index.js';
import { listen, type Listener } from '../notifications/support/listeners.js';
import type { Account } from '../support/accounts.js';
import { until } from '../support/until.js';
import { FAULTS, createFaultEnv, newClient, injectFault, timed, type Dependency, type FaultInjectionEnv } from './support/fault-injection.js';

let env: FaultInjectionEnv;

beforeAll(async () => {
  env = await createFaultEnv({ withPostgres: true });
});

afterAll(() => env.close());

describe.each(FAULTS)('notifications while a server is $state', (fault) => {
  const { state, budgetMs } = fault;
  let account: Account;
  let listener: Listener;
  let restore: (() => Promise<void>) | undefined;

  beforeEach(async () => {
    account = await newClient(env);
    listener = await listen(env.t.api, { token: account.accessToken });
    await post('before');
    await until(async () => (await listed())[0] === 'before');
  });
  afterEach(async () => {
    await restore?.();
    listener.close();
  });

  const post = (what: string) =>
    env.t.app.get(NotificationDelivery).post({
      ...{ source: randomUUID(), audience: 'user', userId: account.id, kind: 'announcement' },
      data: { what },
    });
  interface NotificationPage {
    readonly items?: { readonly data: { readonly what?: string } }[];
  }
  const list = () => timed(() => env.t.api.get<NotificationPage>('/notifications', { token: account.accessToken }));
  const listed = async () => ((await list()).body.items ?? []).map(({ data }) => data.what);
  const received = () => listener.received.map(({ data }) => data['what']);

  it(`notifications | cache Redis ${state}: are delivered, and listed from PostgreSQL`, async () => {
    restore = await injectFault(fault, env.cache);
    await post('meanwhile');
    await until(() => received().includes('meanwhile'));
    const { status, tookMs } = await list();
    expect(status).toBe(200);
    expect(tookMs).toBeLessThan(budgetMs);
    expect(await listed()).toEqual(['meanwhile', 'before']);
    await restore();
    await post('after');
    await until(async () => (await listed()).join() === 'after,meanwhile,before');
    await until(() => received().includes('after'));
    expect(received()).toEqual(['before', 'meanwhile', 'after']);
  });

  it(`notifications | durable Redis ${state}: answered 503; accepted ones are delivered after recovery`, async () => {
    restore = await injectFault(fault, env.store);
    await post('meanwhile');
    const { status, tookMs } = await list();
    expect(status).toBe(503);
    expect(tookMs).toBeLessThan(budgetMs);
    await restore();
    await until(async () => (await listed())[0] === 'meanwhile');
    const lastEventId = listener.received[0]?.id;
    listener.close();
    listener = await listen(env.t.api, { token: account.accessToken, lastEventId });
    await until(() => received().includes('meanwhile'));
  });

  it(`notifications | PostgreSQL ${state}: delayed until recovery`, async () => {
    const outbox = env.t.app.get(Outbox, { strict: false });
    const notification = { source: randomUUID(), audience: 'user', userId: account.id, kind: 'announcement' };
    restore = await injectFault(fault, env.postgres as Dependency);
    expect((await list()).status).toBe(503);
    await restore();
    const after = { ...notification, data: { what: 'after' } };
    await until(() => outbox.addNow('notifications', [after]).then(() => true, () => false));
    await until(() => received().includes('after'));
    expect([...new Set(received())]).toEqual(['before', 'after']);
    expect(listener.isClosed).toBe(false);
  });
});

describe('notifications while the cache Redis is unreachable', () => {
  it('are listed completely afterwards, although Redis still has the old history', async () => {
    const { id: userId, accessToken: token } = await newClient(env);
    const post = (what: string) =>
      env.t.app.get(NotificationDelivery).post({
        ...{ source: randomUUID(), audience: 'user', userId, kind: 'announcement', data: { what } },
      });
    const newest = async () => {
      const { body } = await env.t.api.get<{ items: { data: { what?: string } }[] }>('/notifications', { token });
      return body.items[0]?.data.what;
    };
    await post('before');
    await until(async () => (await newest()) === 'before');
    await env.cache.proxy.refuse();
    await post('meanwhile');
    await until(async () => (await newest()) === 'meanwhile');
    await env.cache.proxy.restore();
    const redis = env.t.app.get<RedisClient>(redisToken('cache'), { strict: false });
    await until(() => redis.ping().then(() => true, () => false));
    await until(async () => (await newest()) === 'meanwhile');
    await until(async () => (await redis.zscore(`notifications:{${userId}}`, 'whole')) !== null);
    expect(await newest()).toBe('meanwhile');
  });
});
