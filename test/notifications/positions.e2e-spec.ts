import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Outbox } from '../../src/database/index.js';
import { NotificationDelivery } from '../../src/notifications/notification-delivery.js';
import { aUser, type TestUser } from '../support/factories.js';
import { twoInstances, useTwoInstances } from '../support/two-instances.js';
import { until } from '../support/until.js';
import { listen, listenOnSocket, type Listener } from './support/listeners.js';

const t = useTwoInstances();
let ada: TestUser;

beforeEach(async () => {
  ada = await aUser(t.here);
});

const outboxIsEmpty = async () => (await t.here.app.get(Outbox, { strict: false }).depth('notifications')).count === 0;
/** Stores notifications for a user, numbered from `first`. */
const post = async (count: number, { first = 0, userId = ada.id } = {}) => {
  const all = Array.from({ length: count }, (_, at) => ({
    ...{ source: randomUUID(), audience: 'user', userId, kind: 'review-liked', data: { number: first + at } } as const,
  }));
  await t.here.app.get(NotificationDelivery).post(...all);
  await until(outboxIsEmpty);
};
const numbers = ({ received }: Listener) => received.map(({ data }) => data['number']);

describe.each([
  ['GET /notifications/stream', (lastEventId?: string) => listen(t.there.api, { token: ada.token, lastEventId })],
  ['the notification socket, by its first frame', (lastEventId?: string) =>
    listenOnSocket(t.there.api, { message: { accessToken: ada.token, lastEventId } })],
  ['the notification socket, by headers', (lastEventId?: string) => {
    const position = lastEventId !== undefined && { 'last-event-id': lastEventId };
    return listenOnSocket(t.there.api, { headers: { authorization: `Bearer ${ada.token}`, ...position } });
  }],
])('a connection to %s that drops before its first event', (_transport, connect) => {
  it('continues from the position it was opened with', async () => {
    await post(2, { first: -2 });
    const first = await connect();
    expect(first.lastEventId).toMatch(/^\d+$/);
    first.close();
    await post(1, { userId: (await aUser(t.here)).id });
    await post(3);
    const second = await connect(first.lastEventId);
    await until(() => second.received.length === 3);
    expect(numbers(second)).toEqual([0, 1, 2]);
    second.close();
  });

  it('continues after several drops without any event', async () => {
    let position = await connectAndLeave(connect);
    for (let drops = 0; drops < 3; drops += 1) position = await connectAndLeave(connect, position);
    await post(1);
    const last = await connect(position);
    await until(() => last.received.length === 1);
    last.close();
  });
});

async function connectAndLeave(connect: (lastEventId?: string) => Promise<Listener>, lastEventId?: string) {
  const listener = await connect(lastEventId);
  listener.close();
  return listener.lastEventId;
}

describe('an absent position', () => {
  it('opens an empty database at position 0, which later replays everything', async () => {
    const empty = await twoInstances();
    const { token, id: userId } = await aUser(empty.here);
    const first = await listen(empty.here.api, { token });
    expect(first.lastEventId).toBe('0');
    first.close();
    const data = { number: 1 };
    const notification = { source: randomUUID(), audience: 'user', userId, kind: 'review-liked', data } as const;
    await empty.here.app.get(NotificationDelivery).post(notification);
    const second = await listen(empty.here.api, { token, lastEventId: '0' });
    await until(() => second.received.length === 1);
    second.close();
    await empty.close();
  });

  it.each([
    ['an empty header', () => listen(t.here.api, { token: ada.token, lastEventId: '' })],
    ['an empty query', () => listen(t.here.api, { token: ada.token, query: '?lastEventId=' })],
    ['an empty text in a frame', () =>
      listenOnSocket(t.here.api, { message: { accessToken: ada.token, lastEventId: '' } })],
    ['null in a frame', () => listenOnSocket(t.here.api, { message: { accessToken: ada.token, lastEventId: null } })],
  ])('starts at the newest event with %s', async (_what, connect) => {
    await post(1);
    const listener = await connect();
    await post(1, { first: 1 });
    await until(() => listener.received.length === 1);
    expect(numbers(listener)).toEqual([1]);
    listener.close();
  });
});

describe('a position in the query', () => {
  it('is used, as polyfills of EventSource send it, unless there is a header', async () => {
    const { lastEventId } = await connectOnce();
    await post(2);
    const byQuery = await listen(t.here.api, { token: ada.token, query: `?lastEventId=${lastEventId}` });
    const message = { accessToken: ada.token };
    const socket = await listenOnSocket(t.here.api, { message, query: `?lastEventId=${lastEventId}` });
    await until(() => byQuery.received.length === 2 && socket.received.length === 2);
    const newer = byQuery.received[0]?.id;
    const query = `?lastEventId=${lastEventId}`;
    const byBoth = await listen(t.here.api, { token: ada.token, lastEventId: newer, query });
    await until(() => byBoth.received.length === 1);
    expect(numbers(byBoth)).toEqual([1]);
    for (const each of [byQuery, byBoth, socket]) each.close();
  });

  async function connectOnce(): Promise<Listener> {
    const listener = await listen(t.here.api, { token: ada.token });
    listener.close();
    return listener;
  }
});

/** Response of the stream if it does not open. */
async function refusal(query: string, headers: Record<string, string> = {}) {
  const url = `${t.here.api.origin}/api/v1/notifications/stream${query}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${ada.token}`, ...headers } });
  if (response.status === 200) await response.body?.cancel();
  return { status: response.status, body: response.status === 200 ? {} : ((await response.json()) as object) };
}

const UNREADABLE = [
  'abc', '-1', '+1', '1.5', '1e3', '0x10', '1 2', '5, 7', '１２', '1234567890123456', 'undefined', 'null',
];

describe('an unreadable position', () => {
  it.each(UNREADABLE)('is rejected with 400 by the stream, in header and query: %s', async (text) => {
    // Headers carry bytes: characters beyond Latin-1 arrive as their UTF-8 bytes.
    const header = Buffer.from(text).toString('latin1');
    const byHeader = await refusal('', { 'last-event-id': header });
    const byQuery = await refusal(`?lastEventId=${encodeURIComponent(text)}`);
    const problem = (pointer: string) => ({
      status: 400,
      body: expect.objectContaining({ code: 'VALIDATION_FAILED', errors: [expect.objectContaining({ pointer })] }),
    });
    expect(byHeader).toEqual(problem('header:Last-Event-ID'));
    expect(byQuery).toEqual(problem('?lastEventId'));
  });

  it('is rejected when the query contains it twice', async () => {
    const { status } = await refusal('?lastEventId=1&lastEventId=2');
    expect(status).toBe(400);
  });

  it.each([...UNREADABLE, -1, 1.5, 1e15, true, false, [], [5], {}, { id: 5 }])(
    'closes a socket with 4400: %j', async (lastEventId) => {
      const { code, received } = await listenOnSocket(t.here.api, { message: { accessToken: ada.token, lastEventId } });
      expect([code, received]).toEqual([4400, []]);
    },
  );

  it('is checked after the access token', async () => {
    const { code } = await listenOnSocket(t.here.api, { message: { accessToken: 'nonsense', lastEventId: 'abc' } });
    expect(code).toBe(4401);
  });
});

describe('an unknown position', () => {
  it('starts at the last 100 notifications', async () => {
    await post(130);
    await post(2, { userId: (await aUser(t.here)).id });
    const stream = await listen(t.here.api, { token: ada.token, lastEventId: 999_999_999_999_999 });
    const message = { accessToken: ada.token, lastEventId: 999_999_999_999_999 };
    const socket = await listenOnSocket(t.here.api, { message });
    await until(() => stream.received.length === 100 && socket.received.length === 100);
    for (const each of [stream, socket]) {
      expect(numbers(each)).toEqual(Array.from({ length: 100 }, (_, at) => 30 + at));
      each.close();
    }
  });

  it('does not include the position of a notification that was deleted with its user', async () => {
    const ben = await aUser(t.here);
    await post(1);
    const benListens = await listen(t.here.api, { token: ben.token });
    await post(1, { userId: ben.id });
    await until(() => benListens.received.length === 1);
    benListens.close();
    await t.here.app.get(DataSource).query('DELETE FROM notification WHERE user_id = $1', [ben.id]);
    const listener = await listen(t.here.api, { token: ada.token, lastEventId: benListens.received[0]?.id });
    await post(1, { first: 1 });
    await until(() => listener.received.length === 1);
    expect(numbers(listener)).toEqual([1]);
    listener.close();
  });
});
