import { aUser, whoAmI } from './support/accounts.js';
import { createApp, type TestApp } from './support/app.js';

const ALLOWED = 'https://app.ecogreen.example';
const NAME = '__Secure-refresh';

let app: TestApp;

beforeAll(async () => {
  app = await createApp({ env: { CORS_ORIGINS: ALLOWED } });
});

afterAll(() => app.close());

/** Logs in with the cookie transport. */
async function logInByCookie(): Promise<{ cookie: string; attributes: string; body: Record<string, unknown> }> {
  const { email, password } = await aUser(app.api);
  const { headers, body } = await app.api.post('/auth/login', { email, password, transport: 'cookie' });
  const [cookie = '', ...attributes] = (headers.get('set-cookie') ?? '').split('; ');
  return { cookie, attributes: attributes.sort().join('; '), body };
}

function reissueFrom(cookie: string, headers: Record<string, string> = {}) {
  return app.api.post('/auth/reissue', undefined, { headers: { cookie, ...headers } });
}

describe('the cookie transport', () => {
  it('sets the refresh token as a cookie out of reach of scripts, and leaves it out of the body', async () => {
    const { cookie, attributes, body } = await logInByCookie();
    expect(cookie).toMatch(/^__Secure-refresh=[\w-]{96}$/);
    expect(attributes).toBe('HttpOnly; Max-Age=1209600; Path=/api/v1/auth; SameSite=Strict; Secure');
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'refreshExpiresIn', 'tokenType']);
  });

  it('reissues from the cookie into a new cookie', async () => {
    const { cookie } = await logInByCookie();
    const { status, headers, body } = await reissueFrom(cookie);
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toMatch(new RegExp(`^${NAME}=[\\w-]{96}; `));
    expect(headers.get('set-cookie')).not.toContain(cookie);
    expect(body).not.toHaveProperty('refreshToken');
    expect(await whoAmI(app.api, String(body['accessToken']))).toMatchObject({ status: 200 });
  });

  it('never puts the refresh token of a header into a cookie', async () => {
    const { refreshToken } = await aUser(app.api);
    const { headers, body } = await app.api.post('/auth/reissue', undefined, { headers: { refresh: refreshToken } });
    expect(headers.get('set-cookie')).toBeNull();
    expect(body).toHaveProperty('refreshToken');
  });

  it.each([
    ['an allowed origin', () => ({ origin: ALLOWED, 'sec-fetch-site': 'same-site' })],
    ['the own origin', () => ({ origin: app.api.origin, 'sec-fetch-site': 'same-origin' })],
    ['a client that is no browser', () => ({})],
  ])('serves %s', async (_what, headers) => {
    const { cookie } = await logInByCookie();
    expect((await reissueFrom(cookie, headers())).status).toBe(200);
  });

  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['a foreign origin that says it is the same', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a sibling site', { origin: 'https://evil.ecogreen.example', 'sec-fetch-site': 'same-site' }],
    ['an origin that begins like an allowed one', { origin: `${ALLOWED}.evil.example` }],
    ['a foreign page without an origin', { 'sec-fetch-site': 'cross-site' }],
  ])('refuses %s, and spends nothing', async (_what, headers) => {
    const { cookie } = await logInByCookie();
    const { status, body } = await reissueFrom(cookie, headers);
    expect([status, body['code']]).toEqual([403, 'FORBIDDEN']);
    const again = await reissueFrom(cookie);
    expect(again.status).toBe(200);
  });

  it('loses the cookie at logout', async () => {
    const { cookie, body } = await logInByCookie();
    const call = { token: String(body['accessToken']), headers: { cookie } };
    const { status, headers } = await app.api.post('/auth/logout', undefined, call);
    expect(status).toBe(204);
    expect(headers.get('set-cookie')).toMatch(/^__Secure-refresh=; .*Expires=Thu, 01 Jan 1970/);
    expect((await reissueFrom(cookie)).status).toBe(401);
  });
});
