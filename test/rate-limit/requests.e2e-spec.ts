import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { UsersService } from '../../src/users/index.js';
import { listenOnSocket } from '../notifications/support/listeners.js';
import { logIn, signUp } from '../support/accounts.js';
import type { ApiResponse, CallOptions } from '../support/api.js';
import { useApp, type TestApp } from '../support/app.js';
import { aPlace } from '../support/factories.js';
import { until } from '../support/until.js';

const [ANONYMOUS, USER, PREMIUM] = [100, 100, 150];

/** Route that requires a user and of the servers uses Redis only, so that 200 concurrent requests are not delayed. */
const QUICK = '/auth/sessions';

const env = {
  RATE_LIMIT_ANONYMOUS: String(ANONYMOUS),
  RATE_LIMIT_USER: String(USER),
  RATE_LIMIT_PREMIUM: String(PREMIUM),
  TRUSTED_PROXIES: '127.0.0.1',
  CORS_ORIGINS: 'https://app.example',
};
const t = useApp({ env });
const apps = [t, t.useAnother({ env })];
let path: string;

beforeAll(async () => {
  path = `/places/${(await aPlace(t)).id}`;
});

let addresses = 0;

/** Client address without earlier requests. */
const newAddress = () => `198.18.7.${(addresses += 1)}`;
const from = (address: string) => ({ 'x-forwarded-for': address });

/** Concurrent calls, alternating between the instances. */
const atOnce = (count: number, call: (app: TestApp) => Promise<ApiResponse>) =>
  Promise.all(Array.from({ length: count }, (_, i) => call(apps[i % apps.length] ?? t)));

const passed = (answers: readonly ApiResponse[]) => answers.filter(({ status }) => status !== 429).length;

/** Used part of the caller's limit, including this request. */
async function used(where: string, options: CallOptions): Promise<number> {
  return Number((await t.api.get(where, options)).headers.get('x-ratelimit-used'));
}

/** Status of a WebSocket handshake; 101 if it opens. */
async function handshake(headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(`${t.api.origin.replace('http', 'ws')}/api/v1/notifications/socket`, { headers });
  socket.on('error', () => undefined);
  const opened = once(socket, 'open').then(() => 101);
  const refused = once(socket, 'unexpected-response').then(([, answer]) => (answer as IncomingMessage).statusCode);
  const status = await Promise.race([opened, refused]).catch(() => 0);
  socket.terminate();
  return status;
}

describe('the limit of anonymous callers', () => {
  it('admits exactly 100 concurrent requests over two instances, cached or not', async () => {
    const headers = from(newAddress());
    await t.api.get(path, { headers });
    const { headers: ready } = await t.api.get(path, { headers });
    expect([ready.get('x-cache'), ready.get('x-ratelimit-used')]).toEqual(['HIT', '2']);
    expect(passed(await atOnce(200, ({ api }) => api.get(path, { headers })))).toBe(ANONYMOUS - 2);
  });

  it('is shown in headers, and a refusal is a problem readable by other origins', async () => {
    const headers = { ...from(newAddress()), origin: 'https://app.example', 'accept-language': 'ko' };
    const { headers: received } = await t.api.get(path, { headers });
    expect(received.get('ratelimit-policy')).toBe(`"anonymous";q=${ANONYMOUS};w=60`);
    expect(received.get('ratelimit')).toMatch(/^"anonymous";r=99;t=(60|61)$/);
    const values = ['limit', 'remaining', 'used'].map((each) => received.get(`x-ratelimit-${each}`));
    expect(values).toEqual(['100', '99', '1']);
    await atOnce(100, ({ api }) => api.get(path, { headers }));
    const refused = await t.api.get(path, { headers });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'RATE_LIMITED', title: '요청이 너무 많음', status: 429 });
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const exposed = refused.headers.get('access-control-expose-headers')?.split(/, */);
    expect(exposed).toEqual(expect.arrayContaining(['Retry-After', 'RateLimit', 'RateLimit-Policy']));
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(30);
    expect(retryAfter).toBeLessThanOrEqual(61);
    expect(refused.headers.get('ratelimit')).toBe(`"anonymous";r=0;t=${retryAfter}`);
    expect(refused.headers.get('x-cache')).toBeNull();
  });

  it('is shared by the /64 of an IPv6 address', async () => {
    await t.api.get(path, { headers: from('2001:db8:64:1::1') });
    expect(await used(path, { headers: from('2001:db8:64:1:ffff::2') })).toBe(2);
    expect(await used(path, { headers: from('2001:db8:64:2::1') })).toBe(1);
  });

  it('counts HEAD like GET', async () => {
    const headers = from(newAddress());
    for (const where of [path, '/categories']) await t.api.call('HEAD', where, { headers });
    expect(await used(path, { headers })).toBe(3);
  });

  it('counts unknown routes and unsupported methods', async () => {
    const headers = from(newAddress());
    const statuses = [
      (await t.api.get('/nothing/here', { headers })).status,
      (await t.api.get('//nowhere', { headers })).status,
      (await t.api.call('DELETE', '/categories', { headers })).status,
    ];
    expect(statuses).toEqual([404, 404, 405]);
    expect(await used(path, { headers })).toBe(4);
  });

  it('does not count health, metrics, documentation and preflight requests', async () => {
    const headers = from(newAddress());
    for (const free of ['//health/live', '//health/ready', '//metrics', '//docs', '//docs/openapi.json']) {
      expect((await t.api.get(free, { headers })).headers.get('ratelimit')).toBeNull();
    }
    const preflight = { ...headers, origin: 'https://app.example', 'access-control-request-method': 'GET' };
    expect((await t.api.call('OPTIONS', path, { headers: preflight })).status).toBe(204);
    expect(await used(path, { headers })).toBe(1);
  });
});

describe('the limit of signed-in callers', () => {
  it('admits exactly 100 of 200 concurrent requests over two instances and many addresses', async () => {
    let [answers, token]: [ApiResponse[], string] = [[], ''];
    await until(async () => {
      token = (await signUp(t.api)).accessToken;
      answers = await atOnce(200, ({ api }) => api.get(QUICK, { token, headers: from(newAddress()) }));
      // A server that was too busy to respond in time may have counted or not.
      return answers.every(({ status }) => status !== 503);
    }, 20_000);
    expect(passed(answers)).toBe(USER);
    const { headers } = await t.api.get(QUICK, { token });
    expect(headers.get('ratelimit-policy')).toBe(`"user";q=${USER};w=60`);
  });

  it('is shared by all devices of a user and does not count for the address', async () => {
    const address = newAddress();
    const account = await signUp(t.api);
    const { accessToken: other } = await logIn(t.api, account);
    await t.api.get(QUICK, { token: account.accessToken, headers: from(address) });
    expect(await used(QUICK, { token: other, headers: from(address) })).toBe(2);
    expect(await used(path, { headers: from(address) })).toBe(1);
  });

  it('follows a change of tier with the next request and keeps what was used', async () => {
    const { id, accessToken: token } = await signUp(t.api);
    await atOnce(USER, ({ api }) => api.get(QUICK, { token }));
    expect((await t.api.get(QUICK, { token })).status).toBe(429);
    await t.app.get(UsersService, { strict: false }).changePermissions(id, { tier: 'premium' });
    for (const { api } of apps) {
      const { status, headers } = await api.get(QUICK, { token });
      expect([status, headers.get('ratelimit-policy')]).toEqual([200, `"premium";q=${PREMIUM};w=60`]);
    }
    expect(await used(QUICK, { token })).toBe(USER + 3);
    await t.app.get(UsersService, { strict: false }).changePermissions(id, { tier: 'user' });
    expect((await t.api.get(QUICK, { token })).status).toBe(429);
  });

  it('does not block a logout, which is not free with an invalid token', async () => {
    const { accessToken: token } = await signUp(t.api);
    const statusOf = async () => (await t.api.get(QUICK, { token })).status;
    await until(async () => (await statusOf()) === 429, 20_000);
    expect((await t.api.post('/auth/logout', undefined, { token })).status).toBe(204);
    expect(await statusOf()).toBe(401);
    const madeUp = { token: 'made.up.token', headers: from(newAddress()) };
    const answers = await atOnce(301, ({ api }) => api.post('/auth/logout', undefined, madeUp));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it('counts a WebSocket handshake, but not one with a revoked token', async () => {
    const { accessToken: token } = await signUp(t.api);
    const message = { accessToken: token };
    (await listenOnSocket(t.api, { message })).close();
    expect(await used(QUICK, { token })).toBe(2);
    await atOnce(USER, ({ api }) => api.get(QUICK, { token }));
    expect((await listenOnSocket(t.api, { message })).code).toBe(1013);
    expect(await handshake({ authorization: `Bearer ${token}` })).toBe(429);
    await t.api.post('/auth/logout', undefined, { token });
    expect((await listenOnSocket(t.api, { message })).code).toBe(4401);
  });

  it('is not shown if unlimited, as for admins in the tests', async () => {
    const { id, accessToken: token } = await signUp(t.api);
    await t.app.get(UsersService, { strict: false }).changePermissions(id, { role: 'admin' });
    const headers = from(newAddress());
    expect((await t.api.get(QUICK, { token, headers })).headers.get('ratelimit')).toBeNull();
    expect((await t.api.get('/places/987654', { token, headers })).headers.get('ratelimit')).toBeNull();
    expect(await used(path, { headers })).toBe(1);
  });
});

describe('an invalid access token', () => {
  it('counts for the address and is answered 429 once the limit is reached', async () => {
    const headers = from(newAddress());
    const token = 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA';
    const answers = await atOnce(150, ({ api }) => api.get(QUICK, { token, headers }));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(ANONYMOUS);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50);
    const { status, body, headers: received } = await t.api.get(QUICK, { token, headers });
    expect([status, body['code']]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(received.get('retry-after'))).toBeGreaterThan(0);
    expect((await t.api.get(path, { headers })).status).toBe(429);
  });

  it('is refused before the body is read once the address has reached its limit', async () => {
    const headers = from(newAddress());
    await atOnce(ANONYMOUS, ({ api }) => api.get(QUICK, { token: 'x.y.z', headers }));
    const answered = request(`${t.api.origin}/api/v1/places`, {
      method: 'POST',
      headers: {
        ...headers,
        authorization: 'Bearer x.y.z',
        'content-type': 'application/json',
        'content-length': 90_000,
      },
    });
    // The body never comes.
    answered.flushHeaders();
    const [response] = (await once(answered, 'response', { signal: AbortSignal.timeout(20_000) })) as [IncomingMessage];
    expect(response.statusCode).toBe(429);
    answered.destroy();
  });

  it.each([
    ['no token', () => Promise.resolve({})],
    ['a made-up token', () => Promise.resolve({ authorization: 'Bearer x.y.z' })],
    ['a token that was logged out', async () => {
      const { accessToken: token } = await signUp(t.api);
      await t.api.post('/auth/logout', undefined, { token });
      return { authorization: `Bearer ${token}` };
    }],
  ])('counts for the address in WebSocket handshakes with %s', async (_what, login) => {
    const address = from(newAddress());
    const headers = { ...address, ...(await login()) };
    const statuses: (number | undefined)[] = [];
    const ten = () => Promise.all(Array.from({ length: 10 }, () => handshake(headers)));
    for (let i = 0; i < 31; i++) statuses.push(...(await ten()));
    expect(statuses.filter((status) => status === 101)).toHaveLength(300);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    // Other requests from the address are not affected, nor are handshakes with a valid token.
    expect((await t.api.get(path, { headers: address })).status).toBe(200);
    const { accessToken } = await signUp(t.api);
    expect(await handshake({ ...address, authorization: `Bearer ${accessToken}` })).toBe(101);
  });

  it('counts even when the body is rejected first', async () => {
    const headers = from(newAddress());
    const call = () => t.api.call('POST', '/places', { token: 'x.y.z', body: '{', headers });
    const first = await call();
    expect([first.status, first.headers.get('x-ratelimit-used')]).toEqual([400, '1']);
    await Promise.all(Array.from({ length: ANONYMOUS }, call));
    expect((await call()).status).toBe(429);
  });

  it('counts on routes that do not check tokens', async () => {
    const headers = from(newAddress());
    const { accessToken: token, email, password } = await signUp(t.api);
    expect((await t.api.post('/auth/login', { email, password }, { token, headers })).status).toBe(200);
    expect((await t.api.get('/nothing', { token, headers })).status).toBe(404);
    expect(await used(path, { headers })).toBe(3);
  });

  it('that is revoked costs its user nothing and is answered 401', async () => {
    const account = await signUp(t.api);
    const { accessToken: other } = await logIn(t.api, account);
    await t.api.post('/auth/logout', undefined, { token: account.accessToken });
    const revoked = () => t.api.get(QUICK, { token: account.accessToken, headers: from(newAddress()) });
    for (let i = 0; i < 10; i++) expect((await revoked()).status).toBe(401);
    expect(await used(QUICK, { token: other })).toBe(1);
    await atOnce(USER, ({ api }) => api.get(QUICK, { token: other }));
    expect((await t.api.get(QUICK, { token: other })).status).toBe(429);
    expect((await revoked()).status).toBe(401);
  });
});
