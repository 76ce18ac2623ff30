import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { DataSource } from 'typeorm';
import { TokenService } from '../../src/tokens/index.js';
import { UsersService } from '../../src/users/index.js';
import { aUser, type TestUser } from '../support/factories.js';
import { until } from '../support/until.js';
import { listen, listenOnSocket, type Listener } from './support/listeners.js';
import { twoInstances, useTwoInstances } from '../support/two-instances.js';
import { keepTimeLimits } from '../support/time-limits.js';
import { stopwatch } from '../support/stopwatch.js';

keepTimeLimits();

const ORIGIN = 'https://map.example';
/** The promised five seconds, and one for a busy machine. */
const CLOSES_WITHIN_MS = 6_000;

describe('a notification connection', () => {
  const t = useTwoInstances({ CORS_ORIGINS: ORIGIN });
  let ada: TestUser;

  beforeEach(async () => {
    ada = await aUser(t.here);
  });

  const tokens = () => t.here.app.get(TokenService, { strict: false });
  const both = ({ token }: TestUser = ada) =>
    Promise.all([
      listen(t.there.api, { token }),
      listenOnSocket(t.there.api, { message: { accessToken: token } }),
    ]);
  const closeCodes = async (listeners: readonly Listener[], timeoutMs = CLOSES_WITHIN_MS) => {
    await until(() => listeners.every(({ isClosed }) => isClosed), timeoutMs);
    return listeners.map(({ code }) => code);
  };

  it.each([
    ['by logout', () => t.here.api.post('/auth/logout', undefined, { token: ada.token, headers: { refresh: 'none' } })],
    ['from another device', async () => {
      const other = (await tokens().open(ada.id)).accessToken;
      return t.here.api.delete('/auth/sessions', { token: other });
    }],
    ['by withdrawal', () => t.here.api.delete('/users/me', { token: ada.token })],
  ])('closes on any instance within five seconds after its session ended %s', async (_how, end) => {
    const ben = await aUser(t.here);
    const [ended, others] = await Promise.all([both(), both(ben)]);
    expect((await end()).status).toBe(204);
    expect(await closeCodes(ended)).toEqual([undefined, 4401]);
    expect(others.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    for (const each of others) each.close();
  });

  it('of an admin closes when the role is lost', async () => {
    const root = await aUser(t.here, { role: 'admin' });
    const ending = await both(root);
    await t.here.app.get(UsersService, { strict: false }).changePermissions(root.id, { role: 'user' });
    expect(await closeCodes(ending)).toEqual([undefined, 4401]);
  });

  it('closes when the session cannot be checked', async () => {
    const ending = await both();
    t.redis.pause();
    try {
      expect(await closeCodes(ending, 15_000)).toEqual([undefined, 4401]);
    } finally {
      t.redis.resume();
    }
    await until(async () => (await t.there.api.get('/users/me', { token: ada.token })).status === 200);
  });

  it('is limited to twenty per user, of which the oldest closes', async () => {
    const first = await both();
    const more = await Promise.all(Array.from({ length: 18 }, () => listen(t.there.api, { token: ada.token })));
    expect([...first, ...more].some(({ isClosed }) => isClosed)).toBe(false);
    more.push(...(await both()));
    expect(await closeCodes(first)).toEqual([undefined, 4429]);
    expect(more.some(({ isClosed }) => isClosed)).toBe(false);
    for (const each of more) each.close();
    const counts = async () => (await t.there.api.get('//metrics')).text.match(/connections\{transport="\w+"\} (\d+)/g);
    await until(async () => (await counts())?.every((line) => line.endsWith(' 0')) === true);
  });

  it('requires a valid access token', async () => {
    const { refreshToken } = await tokens().open(ada.id);
    await expect(listen(t.here.api, { token: refreshToken })).rejects.toThrow('401');
    await expect(listen(t.here.api, { token: 'nonsense' })).rejects.toThrow('401');
    for (const message of [{}, { accessToken: refreshToken }, { accessToken: 7 }, 'nonsense', '[]', 'null']) {
      const { code, received } = await listenOnSocket(t.here.api, { message });
      expect([code, received]).toEqual([4401, []]);
    }
    const headers = { authorization: `Bearer ${refreshToken}` };
    expect((await listenOnSocket(t.here.api, { headers, message: { accessToken: ada.token } })).code).toBe(4401);
    const inQuery = await t.here.api.get(`/notifications/stream?accessToken=${ada.token}`);
    expect(inQuery.status).toBe(401);
  });

  it('closes five seconds after a missing first message, and after one that is too large', async () => {
    const startedAt = performance.now();
    expect((await listenOnSocket(t.here.api, {})).code).toBe(4401);
    expect(performance.now() - startedAt).toBeGreaterThan(4_500);
    expect((await listenOnSocket(t.here.api, { message: { accessToken: 'x'.repeat(5_000) } })).isClosed).toBe(true);
  });

  it('is accepted from an allowed origin or without one', async () => {
    const message = { accessToken: ada.token };
    const from = (origin: string) => listenOnSocket(t.here.api, { message, headers: { origin } });
    await expect(from('https://elsewhere.example')).rejects.toThrow('403');
    await expect(from('null')).rejects.toThrow('403');
    for (const origin of [ORIGIN, t.here.api.origin]) {
      const listener = await from(origin);
      expect(listener.isClosed).toBe(false);
      listener.close();
    }
  });

  it('reads token and last event id from the upgrade headers', async () => {
    const headers = { authorization: `Bearer ${ada.token}` };
    const begin = await listenOnSocket(t.here.api, { headers });
    await t.here.app.get(DataSource).query(`
      INSERT INTO notification (source, audience, kind, data)
      SELECT 'x' || number, 'all', 'announcement', json_build_object('number', number) FROM generate_series(1, 3) number
    `);
    await until(() => begin.received.length === 3);
    const lastEventId = { 'last-event-id': String(begin.received[0]?.id) };
    const back = await listenOnSocket(t.there.api, { headers: { ...headers, ...lastEventId } });
    await until(() => back.received.length === 2);
    expect(back.received).toEqual(begin.received.slice(1));
    for (const each of [begin, back]) each.close();
  });

  it('is not cacheable, and HEAD is answered immediately', async () => {
    const headers = { authorization: `Bearer ${ada.token}`, origin: ORIGIN };
    const answer = async (method: string) => {
      const options = { method, headers, agent: false };
      const [response] = (await once(
        request(`${t.here.api.origin}/api/v1/notifications/stream`, options).end(),
        'response',
      )) as [IncomingMessage];
      return response;
    };
    const stream = await answer('GET');
    stream.on('error', () => undefined).destroy();
    expect([stream.statusCode, stream.headers]).toEqual([200, expect.objectContaining({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': ORIGIN,
      'x-request-id': expect.any(String),
    })]);
    expect(stream.headers.etag).toBeUndefined();
    const head = await answer('HEAD');
    expect(head.statusCode).toBe(200);
    await once(head.resume(), 'close');
  });
});

describe('a notification connection whose access token expires', () => {
  const t = useTwoInstances({ ACCESS_TOKEN_TTL: '2s' });

  it('closes soon after and resumes with the next token', async () => {
    const { token } = await aUser(t.here);
    const [stream, socket] = await Promise.all([
      listen(t.here.api, { token }),
      listenOnSocket(t.here.api, { message: { accessToken: token } }),
    ]);
    await until(() => stream.isClosed && socket.isClosed, CLOSES_WITHIN_MS + 2_000);
    expect(socket.code).toBe(4401);
    await expect(listen(t.here.api, { token })).rejects.toThrow('401');
  });
});

describe('an instance that shuts down', () => {
  it('closes its connections without waiting for them', async () => {
    const t = await twoInstances();
    const { token } = await aUser(t.here);
    const listeners = await Promise.all([
      listen(t.here.api, { token }),
      listenOnSocket(t.here.api, { message: { accessToken: token } }),
    ]);
    // A client that reuses its connection afterwards, and one that does not even read the end of its stream.
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${t.here.api.origin}/api/v1/notifications/stream`, { headers });
    (await listen(t.here.api, { token })).pause();
    const elapsedMs = stopwatch();
    await t.close();
    expect(elapsedMs()).toBeLessThan(5_000);
    await until(() => listeners.every(({ isClosed }) => isClosed));
    expect([listeners[0].comments.at(-1), listeners[1].code]).toEqual(['shutdown', 1001]);
  });
});
