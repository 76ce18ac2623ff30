import { aUser, logIn, newAccount } from './support/accounts.js';
import { createApp, type TestApp } from './support/app.js';

/** What a caller behind a trusted proxy looks like. */
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

describe('guessing', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  });

  afterAll(() => app.close());

  const guess = (email: string, address: string) =>
    app.api.post('/auth/login', { email, password: 'not this one' }, from(address));

  it('at one account is slowed down, whatever addresses the guesses come from', async () => {
    const { email } = await aUser(app.api);
    const statuses = [];
    for (let i = 0; i < 8; i++) statuses.push((await guess(email, `192.0.2.${i}`)).status);
    expect(statuses.slice(0, 6)).toEqual(Array(6).fill(401));
    expect(statuses.slice(6)).toEqual([429, 429]);
  });

  it('is slowed down alike when there is no such account', async () => {
    const { email } = newAccount();
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await guess(email, `192.0.2.${i}`));
    expect(answers.at(-1)?.body['code']).toBe('RATE_LIMITED');
  });

  it('is let through again after Retry-After, and the right password then works', async () => {
    const account = await aUser(app.api);
    for (let i = 0; i < 6; i++) await guess(account.email, '198.51.100.1');
    const { status, headers } = await guess(account.email, '198.51.100.1');
    expect(status).toBe(429);
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    await expect(logIn(app.api, account)).resolves.toBeDefined();
    // A good login forgets the failures before it.
    expect((await guess(account.email, '198.51.100.1')).status).toBe(401);
  });

  it('from one address at many accounts is slowed down, the /64 of an IPv6 address being one', async () => {
    const statuses = [];
    for (let i = 0; i < 22; i++) statuses.push((await guess(newAccount().email, `2001:db8:7:7::${i + 1}`)).status);
    expect(statuses.slice(0, 21)).toEqual(Array(21).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await guess(newAccount().email, '2001:db8:7:8::1')).status).toBe(401);
  });

  it('does not slow down 20 good logins at once', async () => {
    const account = await aUser(app.api);
    await Promise.all(Array.from({ length: 20 }, () => logIn(app.api, account)));
  });

  it('at the current password of a signed-in user is slowed down', async () => {
    const { accessToken } = await aUser(app.api);
    const body = { currentPassword: 'not this one', newPassword: 'chestnuts under the ginkgo' };
    const codes = [];
    for (let i = 0; i < 7; i++) {
      const answer = await app.api.put('/auth/password', { token: accessToken, body });
      codes.push(answer.body['code']);
    }
    expect(codes).toEqual([...Array<string>(6).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
  });
});

describe('RATE_LIMIT_AUTH', () => {
  it('bounds sign-ups and logins of one address together, and only of that address', async () => {
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

  it('does not believe X-Forwarded-For unless the proxy is trusted', async () => {
    const app = await createApp({ env: { RATE_LIMIT_AUTH: '2' } });
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await app.api.post('/auth/signup', newAccount(), from(`192.0.2.${i}`))).status);
    }
    expect(statuses).toEqual([201, 201, 429]);
    await app.close();
  });
});
