import type { Redis } from 'ioredis';
import { redisToken } from '../src/redis/index.js';
import { logIn, newAccount, signUp } from './support/accounts.js';
import { createApp, useApp } from './support/app.js';

/** Request options of a client behind a trusted proxy. */
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

describe('POST /auth/login with wrong passwords', () => {
  const app = useApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });

  const guess = (email: string, address: string) =>
    app.api.post('/auth/login', { email, password: 'not this one' }, from(address));

  it('is delayed for one account, whatever the address', async () => {
    const { email } = await signUp(app.api);
    const statuses = [];
    for (let i = 0; i < 8; i++) statuses.push((await guess(email, `192.0.2.${i}`)).status);
    expect(statuses.slice(0, 6)).toEqual(Array(6).fill(401));
    expect(statuses.slice(6)).toEqual([429, 429]);
  });

  it('is delayed equally for an unknown account', async () => {
    const { email } = newAccount();
    const responses = [];
    for (let i = 0; i < 7; i++) responses.push(await guess(email, `192.0.2.${i}`));
    expect(responses.at(-1)?.body['code']).toBe('RATE_LIMITED');
  });

  it('is admitted again after Retry-After, and the right password works', async () => {
    const account = await signUp(app.api);
    for (let i = 0; i < 6; i++) await guess(account.email, '198.51.100.1');
    const { status, headers } = await guess(account.email, '198.51.100.1');
    expect(status).toBe(429);
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    await expect(logIn(app.api, account)).resolves.toBeDefined();
    // A successful login resets the failures before it.
    expect((await guess(account.email, '198.51.100.1')).status).toBe(401);
  });

  it('is delayed for many accounts from one address or IPv6 /64', async () => {
    const statuses = [];
    for (let i = 0; i < 22; i++) statuses.push((await guess(newAccount().email, `2001:db8:7:7::${i + 1}`)).status);
    expect(statuses.slice(0, 21)).toEqual(Array(21).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await guess(newAccount().email, '2001:db8:7:8::1')).status).toBe(401);
  });

  it('is not confused with 20 concurrent valid logins', async () => {
    const account = await signUp(app.api);
    await Promise.all(Array.from({ length: 20 }, () => logIn(app.api, account)));
  });

  it('shares its delay with PUT /auth/password and a wrong current password', async () => {
    const { accessToken } = await signUp(app.api);
    const body = { currentPassword: 'not this one', newPassword: 'chestnuts under the ginkgo' };
    const codes = [];
    for (let i = 0; i < 7; i++) {
      const response = await app.api.put('/auth/password', { token: accessToken, body });
      codes.push(response.body['code']);
    }
    expect(codes).toEqual([...Array<string>(6).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
  });
});

describe('a device that has signed in before', () => {
  const app = useApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });

  const attempt = (email: string, password: string, deviceToken: string | undefined, address: string) =>
    app.api.post('/auth/login', { email, password, deviceToken }, from(address));
  const WRONG = 'not this one';
  /** Prolongs current delays to a minute, so that they outlast the test on a slow machine. */
  const prolongDelays = async () => {
    const store = app.app.get<Redis>(redisToken('store'));
    for (const key of await store.keys('failures:login-*')) {
      if ((await store.hexists(key, 'blockedUntil')) === 1) await store.hset(key, 'blockedUntil', Date.now() + 60_000);
    }
  };
  /** Fails logins from ten other addresses until the account is delayed. */
  const exhaustAccount = async (email: string) => {
    for (let i = 0; i < 10; i++) await attempt(email, WRONG, undefined, `203.0.113.${i}`);
    await prolongDelays();
  };

  it('signs in while ten other addresses guess at its account, by token or cookie', async () => {
    const account = await signUp(app.api);
    const { email, password } = account;
    const { deviceToken } = await logIn(app.api, account);
    const byCookie = { email, password, transport: 'cookie' };
    const { headers } = await app.api.post('/auth/login', byCookie);
    const cookies = headers.getSetCookie().map((each) => each.split('; '));
    const [cookie = '', ...attributes] = cookies.find(([first]) => first?.startsWith('__Secure-device=')) ?? [];
    const expected = ['Max-Age=31536000', 'Path=/api/v1/auth/login', 'HttpOnly', 'Secure', 'SameSite=Strict'];
    expect([...attributes].sort()).toEqual(expected.sort());
    await exhaustAccount(email);
    expect((await attempt(email, password, undefined, '192.0.2.1')).status).toBe(429);
    expect((await attempt(email, password, deviceToken, '192.0.2.1')).status).toBe(200);
    expect((await app.api.post('/auth/login', byCookie, { headers: { cookie } })).status).toBe(200);
    // The login of the device does not end the delay of others.
    expect((await attempt(email, WRONG, undefined, '203.0.113.77')).status).toBe(429);
  });

  it('signs in when its address has failed too often at other accounts', async () => {
    const account = await signUp(app.api);
    const { deviceToken } = await logIn(app.api, account);
    for (let i = 0; i < 22; i++) await attempt(newAccount().email, WRONG, undefined, '198.51.100.9');
    await prolongDelays();
    expect((await attempt(account.email, account.password, undefined, '198.51.100.9')).status).toBe(429);
    expect((await attempt(account.email, account.password, deviceToken, '198.51.100.9')).status).toBe(200);
  });

  it('is delayed by its own failures, which delay no other device', async () => {
    const account = await signUp(app.api);
    const [one, other] = [await logIn(app.api, account), await logIn(app.api, account)];
    const statuses = [];
    for (let i = 0; i < 6; i++) {
      statuses.push((await attempt(account.email, WRONG, one.deviceToken, `192.0.2.${i}`)).status);
    }
    expect(statuses).toEqual(Array<number>(6).fill(401));
    await prolongDelays();
    expect((await attempt(account.email, account.password, one.deviceToken, '192.0.2.7')).status).toBe(429);
    expect((await attempt(account.email, account.password, other.deviceToken, '192.0.2.1')).status).toBe(200);
    expect((await attempt(account.email, account.password, undefined, '192.0.2.1')).status).toBe(200);
  });

  it('shares twenty free failures with the other devices of the account', async () => {
    const account = await signUp(app.api);
    const tokens = [];
    for (let i = 0; i < 8; i++) tokens.push((await logIn(app.api, account)).deviceToken);
    for (let i = 0; i < 21; i++) {
      expect((await attempt(account.email, WRONG, tokens[i % 8], '192.0.2.1')).status).toBe(401);
    }
    await prolongDelays();
    expect((await attempt(account.email, account.password, tokens[7], '192.0.2.1')).status).toBe(429);
    expect((await attempt(account.email, account.password, undefined, '192.0.2.1')).status).toBe(200);
  });

  it('keeps its id at the next login, and is unknown to other accounts and with other tokens', async () => {
    const [account, other] = [await signUp(app.api), await signUp(app.api)];
    const { deviceToken } = await logIn(app.api, account);
    const again = await attempt(account.email, account.password, deviceToken, '192.0.2.1');
    expect(again.body['deviceToken']).toBe(deviceToken);
    for (const { email } of [account, other]) await exhaustAccount(email);
    const statusOf = async ({ email, password }: typeof account, token: string) =>
      (await attempt(email, password, token, '192.0.2.1')).status;
    expect(await statusOf(other, deviceToken)).toBe(429);
    for (const place of [0, 20, 24, 47]) {
      const altered = deviceToken[place] === 'A' ? 'B' : 'A';
      expect(await statusOf(account, deviceToken.slice(0, place) + altered + deviceToken.slice(place + 1))).toBe(429);
    }
    for (const token of ['x', 'A'.repeat(48), `${deviceToken}A`]) expect(await statusOf(account, token)).toBe(429);
    expect((await attempt(account.email.toUpperCase(), account.password, deviceToken, '192.0.2.1')).status).toBe(200);
  });
});

describe('RATE_LIMIT_AUTH', () => {
  it('limits sign-ups and logins per address together', async () => {
    const app = await createApp({ env: { TRUSTED_PROXIES: '127.0.0.1', RATE_LIMIT_AUTH: '5' } });
    const account = newAccount();
    const statuses = [(await app.api.post('/auth/signup', account, from('192.0.2.1'))).status];
    const login = { email: account.email, password: account.password };
    for (let i = 0; i < 5; i++) statuses.push((await app.api.post('/auth/login', login, from('192.0.2.1'))).status);
    expect(statuses).toEqual([201, 200, 200, 200, 200, 429]);
    const { headers, body } = await app.api.post('/auth/signup', newAccount(), from('192.0.2.1'));
    expect(body['code']).toBe('RATE_LIMITED');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await app.api.post('/auth/login', login, from('192.0.2.2'))).status).toBe(200);
    await app.close();
  });

  it('ignores X-Forwarded-For unless the proxy is trusted', async () => {
    const app = await createApp({ env: { RATE_LIMIT_AUTH: '2' } });
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await app.api.post('/auth/signup', newAccount(), from(`192.0.2.${i}`))).status);
    }
    expect(statuses).toEqual([201, 201, 429]);
    await app.close();
  });
});
