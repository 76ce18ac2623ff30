import type { Redis } from 'ioredis';
import { redisToken } from '../src/redis/index.js';
import { newAccount, signUp, whoAmI } from './support/accounts.js';
import { useApp } from './support/app.js';

const ALLOWED = 'https://app.ecogreen.example';
const NAME = '__Secure-refresh';
const FOREIGN: [string, Record<string, string>][] = [
  ['a foreign origin', { origin: 'https://evil.example' }],
  ['a foreign origin that says it is the same', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['a sibling site', { origin: 'https://evil.ecogreen.example', 'sec-fetch-site': 'same-site' }],
  ['an origin that begins like an allowed one', { origin: `${ALLOWED}.evil.example` }],
  ['a foreign page without an origin', { 'sec-fetch-site': 'cross-site' }],
];
const CLEARED = /^__Secure-refresh=; .*Expires=Thu, 01 Jan 1970/;

interface Claims {
  readonly sub: string;
  readonly sid: string;
}

const app = useApp({ env: { CORS_ORIGINS: ALLOWED } });

/** Logs in with the cookie transport, on another device than that of the account. */
async function logInByCookie() {
  const account = await signUp(app.api);
  const { email, password } = account;
  const { headers, body } = await app.api.post('/auth/login', { email, password, transport: 'cookie' });
  const [cookie = '', ...attributes] = (headers.getSetCookie()[0] ?? '').split('; ');
  return { account, cookie, attributes: attributes.sort().join('; '), body };
}

function reissueFrom(cookie: string, headers: Record<string, string> = {}) {
  return app.api.post('/auth/reissue', undefined, { headers: { cookie, ...headers } });
}

describe('the refresh cookie', () => {
  it('is set HttpOnly, without the token in the body', async () => {
    const { cookie, attributes, body } = await logInByCookie();
    expect(cookie).toMatch(/^__Secure-refresh=[\w-]{96}$/);
    expect(attributes).toBe('HttpOnly; Max-Age=1209600; Path=/api/v1/auth; SameSite=Strict; Secure');
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'refreshExpiresIn', 'tokenType']);
  });

  it('is replaced on reissue', async () => {
    const { cookie } = await logInByCookie();
    const { status, headers, body } = await reissueFrom(cookie);
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toMatch(new RegExp(`^${NAME}=[\\w-]{96}; `));
    expect(headers.get('set-cookie')).not.toContain(cookie);
    expect(body).not.toHaveProperty('refreshToken');
    expect(await whoAmI(app.api, String(body['accessToken']))).toMatchObject({ status: 200 });
  });

  it('is never set from a Refresh header', async () => {
    const { refreshToken } = await signUp(app.api);
    const { headers, body } = await app.api.post('/auth/reissue', undefined, { headers: { refresh: refreshToken } });
    expect(headers.get('set-cookie')).toBeNull();
    expect(body).toHaveProperty('refreshToken');
  });

  it.each([
    ['an allowed origin', () => ({ origin: ALLOWED, 'sec-fetch-site': 'same-site' })],
    ['the own origin', () => ({ origin: app.api.origin, 'sec-fetch-site': 'same-origin' })],
    ['a client that is no browser', () => ({})],
  ])('is accepted from %s', async (_what, headers) => {
    const { cookie } = await logInByCookie();
    expect((await reissueFrom(cookie, headers())).status).toBe(200);
  });

  it.each(FOREIGN)('is rejected from %s and not consumed', async (_what, headers) => {
    const { cookie } = await logInByCookie();
    const { status, body } = await reissueFrom(cookie, headers);
    expect([status, body['code']]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    const again = await reissueFrom(cookie);
    expect(again.status).toBe(200);
  });

  it.each([
    ['with the access token', (token: string) => ({ token })],
    ['with a token that is none', () => ({ token: 'made.up.token' })],
    ['by the cookie alone', () => ({})],
  ])('is cleared by a logout %s, also when repeated', async (_how, withToken) => {
    const { cookie, body } = await logInByCookie();
    const call = { ...withToken(String(body['accessToken'])), headers: { cookie } };
    for (let time = 0; time < 2; time++) {
      const { status, headers } = await app.api.post('/auth/logout', undefined, call);
      expect([status, headers.get('set-cookie')]).toEqual([204, expect.stringMatching(CLEARED)]);
    }
    expect(await whoAmI(app.api, String(body['accessToken']))).toMatchObject({ status: 401 });
    expect((await reissueFrom(cookie)).status).toBe(401);
  });

  it('ends its session at logout in addition to that of the access token', async () => {
    const { account, cookie, body } = await logInByCookie();
    const call = { token: account.accessToken, headers: { cookie } };
    const { status, headers } = await app.api.post('/auth/logout', undefined, call);
    expect([status, headers.get('set-cookie')]).toEqual([204, expect.stringMatching(CLEARED)]);
    for (const token of [account.accessToken, String(body['accessToken'])]) {
      expect(await whoAmI(app.api, token)).toMatchObject({ status: 401 });
    }
    expect((await reissueFrom(cookie)).status).toBe(401);
  });

  it.each([
    ['of another user', async () => {
      const { cookie } = await logInByCookie();
      return { cookie, sent: cookie, token: (await signUp(app.api)).accessToken };
    }],
    ['that is made up', async () => {
      const { account, cookie } = await logInByCookie();
      const sent = cookie.slice(0, -1) + (cookie.endsWith('A') ? 'B' : 'A');
      return { cookie, sent, token: account.accessToken };
    }],
  ])('ends no session %s beside an access token, and stays', async (_what, logIn) => {
    const { cookie, sent, token } = await logIn();
    const call = { token, headers: { cookie: sent } };
    const { status, headers } = await app.api.post('/auth/logout', undefined, call);
    expect([status, headers.get('set-cookie')]).toEqual([204, null]);
    expect(await whoAmI(app.api, token)).toMatchObject({ status: 401 });
    expect((await reissueFrom(cookie)).status).toBe(200);
  });

  it('is neither read nor cleared by a logout with a Refresh header', async () => {
    const { account, cookie } = await logInByCookie();
    const call = { token: account.accessToken, headers: { cookie, refresh: account.refreshToken } };
    const { status, headers } = await app.api.post('/auth/logout', undefined, call);
    expect([status, headers.get('set-cookie')]).toEqual([204, null]);
    expect((await reissueFrom(cookie)).status).toBe(200);
  });

  it('is neither read nor cleared by a logout from another site', async () => {
    const { cookie } = await logInByCookie();
    const headers = { cookie, origin: 'https://evil.example' };
    const { status, headers: received } = await app.api.post('/auth/logout', undefined, { headers });
    expect([status, received.get('set-cookie')]).toEqual([403, null]);
    expect((await reissueFrom(cookie)).status).toBe(200);
  });

  it.each([
    ['was logged out', async (token: string) => {
      await app.api.post('/auth/logout', undefined, { token });
    }],
    ['was ended from another device', async (token: string) => {
      const { body } = await app.api.get<{ items: { id: string }[] }>('/auth/sessions?limit=1', { token });
      await app.api.delete(`/auth/sessions/${body.items[0]?.id}`, { token });
    }],
    ['ended with the account', async (token: string) => {
      expect((await app.api.delete('/users/me', { token })).status).toBe(204);
    }],
    ['ended as its token was stolen', async (token: string, cookie: string) => {
      const { sub, sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
      await reissueFrom(cookie);
      await app.app.get<Redis>(redisToken('store')).hincrby(`token:{${sub}}:session:${sid}`, 'rotatedAt', -11_000);
    }],
  ])('is cleared by a reissue once the session %s', async (_how, end) => {
    const { cookie, body } = await logInByCookie();
    await end(String(body['accessToken']), cookie);
    const { status, headers } = await reissueFrom(cookie);
    expect([status, headers.get('set-cookie')]).toEqual([401, expect.stringMatching(CLEARED)]);
  });

  it('is cleared by a reissue when it holds no refresh token', async () => {
    const { status, headers } = await reissueFrom(`${NAME}=nonsense`);
    expect([status, headers.get('set-cookie')]).toEqual([401, expect.stringMatching(CLEARED)]);
  });

  it('stays while the session is alive: concurrent reissues and an invalid token of the session', async () => {
    const { cookie } = await logInByCookie();
    const responses = await Promise.all([reissueFrom(cookie), reissueFrom(cookie)]);
    for (const { status, headers } of responses) {
      expect([status, headers.get('set-cookie')]).toEqual([200, expect.not.stringMatching(CLEARED)]);
    }
    const forged = cookie.slice(0, -1) + (cookie.endsWith('A') ? 'B' : 'A');
    const { status, headers } = await reissueFrom(forged);
    expect([status, headers.get('set-cookie')]).toEqual([401, null]);
  });
});

describe.each([
  ['login', () => signUp(app.api).then(({ email, password }) => ({ email, password }))],
  ['signup', () => Promise.resolve(newAccount())],
])('the origin check of POST /auth/%s', (route, body) => {
  it.each([
    ['an allowed origin', () => ({ origin: ALLOWED, 'sec-fetch-site': 'cross-site' })],
    ['the own origin', () => ({ origin: app.api.origin, 'sec-fetch-site': 'same-origin' })],
    ['a client that is no browser', () => ({})],
  ])('accepts %s', async (_what, headers) => {
    const { status } = await app.api.post(`/auth/${route}`, await body(), { headers: headers() });
    expect([200, 201]).toContain(status);
  });

  it.each(FOREIGN)('rejects %s', async (_what, headers) => {
    const response = await app.api.post(`/auth/${route}`, await body(), { headers });
    expect([response.status, response.body['code']]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    expect(response.headers.get('set-cookie')).toBeNull();
  });
});

describe('every response with a token', () => {
  it('is not cacheable', async () => {
    const { email, password, refreshToken } = await signUp(app.api);
    const { cookie } = await logInByCookie();
    const responses = [
      await app.api.post('/auth/login', { email, password }),
      await app.api.post('/auth/login', { email, password, transport: 'cookie' }),
      await app.api.post('/auth/reissue', undefined, { headers: { refresh: refreshToken } }),
      await reissueFrom(cookie),
    ];
    for (const { status, headers } of responses) {
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    }
  });
});
