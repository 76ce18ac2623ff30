import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { Outbox } from '../../src/database/index.js';
import { aUser } from '../support/factories.js';
import { PrometheusText } from '../support/prometheus-text.js';
import { until } from '../support/until.js';
import { listen, listenOnSocket, type Listener } from './support/listeners.js';
import { twoInstances, type TwoInstances } from '../support/two-instances.js';
import { keepTimeLimits } from '../support/time-limits.js';

keepTimeLimits();

/** Announcements of the maximum length; in all more than the kernel buffers for a connection. */
const COUNT = 2_000;
const BODY = '가'.repeat(2_000);

describe('a client that does not read', () => {
  let t: TwoInstances;

  beforeEach(async () => {
    t = await twoInstances();
  });
  afterEach(() => t.close());

  const announce = async (count: number) => {
    const notifications = Array.from({ length: count }, (_, number) => {
      const whom = { audience: 'all', userId: null, kind: 'announcement' };
      return { source: randomUUID(), ...whom, data: { number, body: BODY } };
    });
    await t.there.app.get(Outbox, { strict: false }).addNow('notifications', notifications);
  };
  const cuts = async (transport: string) => {
    const metrics = new PrometheusText((await t.here.api.get('//metrics')).text);
    return metrics.value('ecogreen_notification_slow_disconnects_total', { transport });
  };
  const inOrder = (received: Listener['received']) => received.map(({ data }) => data['number']);

  it('is disconnected without delaying others, and receives everything after reconnecting', async () => {
    const [ada, ben] = await Promise.all([aUser(t.here), aUser(t.here)]);
    const message = { accessToken: ada.token };
    const [stream, socket, reading] = await Promise.all([
      listen(t.here.api, { token: ada.token }),
      listenOnSocket(t.here.api, { message }),
      listen(t.here.api, { token: ben.token }),
    ]);
    for (const each of [stream, socket]) each.pause();
    for (let sent = 0; sent < COUNT; sent += 500) await announce(500);
    await until(() => reading.received.length === COUNT, 60_000);
    await until(async () => (await cuts('stream')) === 1 && (await cuts('socket')) === 1, 20_000);
    expect(reading.isClosed).toBe(false);
    for (const each of [stream, socket]) each.resume();
    await until(() => stream.isClosed && socket.isClosed);
    // Kernel buffers differ in size, but neither client has received everything.
    expect(stream.received.length + socket.received.length).toBeLessThan(2 * COUNT);
    for (const cut of [stream, socket]) {
      const lastEventId = cut.received.at(-1)?.id;
      const back = await listen(t.there.api, { token: ada.token, lastEventId: lastEventId ?? 0 });
      await until(() => cut.received.length + back.received.length === COUNT, 20_000);
      expect(inOrder([...cut.received, ...back.received])).toEqual(inOrder(reading.received));
      back.close();
    }
  }, 150_000);

  it('has no open connection once its session has ended', async () => {
    const [ada, ben] = await Promise.all([aUser(t.here), aUser(t.here)]);
    const [stream, reading] = await Promise.all([ada, ben].map(({ token }) => listen(t.here.api, { token })));
    const server: Server = t.here.app.getHttpServer();
    const connections = () =>
      new Promise<number>((resolve) => server.getConnections((_error, count: number) => resolve(count)));
    stream?.pause();
    for (let sent = 0; sent < COUNT; sent += 500) await announce(500);
    await until(() => reading?.received.length === COUNT, 60_000);
    await t.there.api.post('/auth/logout', undefined, { token: ada.token, headers: { refresh: 'none' } });
    await until(async () => (await connections()) === 1);
    expect(await cuts('stream')).toBe(0);
  }, 150_000);
});
