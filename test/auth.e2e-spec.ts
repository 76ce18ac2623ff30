import { hash } from '@node-rs/argon2';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { PasswordHasher } from '../src/auth/index.js';
import { redisToken } from '../src/redis/index.js';
import { UsersService } from '../src/users/index.js';
import { type Account, logIn, newAccount, reissue, signUp, whoAmI } from './support/accounts.js';
import { useApp } from './support/app.js';
import { until } from './support/until.js';

const app = useApp();

describe('POST /auth/signup', () => {
  it('creates an account and returns the user without any password', async () => {
    const account = newAccount({ email: 'Mina.Kim@Example.com', nickname: '초록미나' });
    const { status, body, text } = await app.api.post('/auth/signup', account);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'Mina.Kim@Example.com',
      nickname: '초록미나',
      role: 'user',
      tier: 'user',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updatedAt: expect.any(String),
    });
    expect(text).not.toMatch(/password|argon2/i);
  });

  it('rejects a used e-mail address in any case', async () => {
    const { email } = await signUp(app.api);
    const { status, body } = await app.api.post('/auth/signup', newAccount({ email: email.toUpperCase() }));
    expect([status, body['code']]).toEqual([409, 'EMAIL_TAKEN']);
  });

  it('rejects a used nickname in any case and in decomposed Hangul', async () => {
    await signUp(app.api, { nickname: 'Acorn도토리' });
    for (const nickname of ['acorn도토리', 'Acorn도토리'.normalize('NFD')]) {
      const { status, body } = await app.api.post('/auth/signup', newAccount({ nickname }));
      expect([status, body['code']]).toEqual([409, 'NICKNAME_TAKEN']);
    }
  });

  it('creates one account for 20 concurrent sign-ups with one address', async () => {
    const { email } = newAccount();
    const spellings = Array.from({ length: 20 }, (_, i) => (i % 2 ? email.toUpperCase() : email));
    const responses = await Promise.all(
      spellings.map((each) => app.api.post('/auth/signup', newAccount({ email: each }))),
    );
    expect(responses.map((each) => each.status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  it.each([
    ['a short password', { password: '1234567' }, '#/password'],
    ['a long password', { password: 'x'.repeat(129) }, '#/password'],
    ['a common password', { password: 'Password123' }, '#/password'],
    ['the service’s name as password', { password: 'EcoGreen-2026' }, '#/password'],
    ['the own nickname as password', { nickname: 'greenlover', password: 'GreenLover1' }, '#/password'],
    ['the own mailbox as password', { email: 'jiwoo.park@example.com', password: 'jiwoopark!!' }, '#/password'],
    ['an address without a domain', { email: 'mina' }, '#/email'],
    ['an address with a homograph', { email: 'minа@example.com' }, '#/email'],
    ['a quoted spelling of an address', { email: '"mina"@example.com' }, '#/email'],
    ['an address with a quoted character', { email: '"m\\ina"@example.com' }, '#/email'],
    ['a quoted space', { email: '"mina park"@example.com' }, '#/email'],
    ['an address with a comment', { email: 'mina(work)@example.com' }, '#/email'],
    ['an address with a name', { email: 'Mina <mina@example.com>' }, '#/email'],
    ['an address with a dot at the end', { email: 'mina@example.com.' }, '#/email'],
    ['an address of a number', { email: 'mina@[192.0.2.7]' }, '#/email'],
    ['a full-width address', { email: 'ｍina@example.com' }, '#/email'],
    ['a zero-width space in an address', { email: 'mi\u200Bna@example.com' }, '#/email'],
    ['a nickname of one character', { nickname: '숲' }, '#/nickname'],
    ['a nickname with a space', { nickname: '초록 미나' }, '#/nickname'],
    ['a nickname with an emoji', { nickname: '초록🌱' }, '#/nickname'],
    ['a nickname of 21 characters', { nickname: 'a'.repeat(21) }, '#/nickname'],
  ])('rejects %s', async (_what, wrong, pointer) => {
    const { status, body, text } = await app.api.post('/auth/signup', newAccount(wrong));
    expect(status).toBe(400);
    expect(body['errors']).toEqual([{ pointer, detail: expect.any(String) }]);
    expect(text).not.toContain(Object.values(wrong).at(-1));
  });

  it.each(['role', 'tier', 'id', 'ownerId', 'version', 'passwordHash'])('rejects the field %s', async (field) => {
    const { status } = await app.api.post('/auth/signup', { ...newAccount(), [field]: 'admin' });
    expect(status).toBe(400);
  });
});

describe('POST /auth/login', () => {
  it('returns a token pair for the address in any case', async () => {
    const account = await signUp(app.api);
    const pair = await logIn(app.api, { ...account, email: account.email.toUpperCase() });
    expect(pair).toEqual({
      tokenType: 'Bearer',
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresIn: 600,
      refreshToken: expect.stringMatching(/^[\w-]{96}$/),
      refreshExpiresIn: 14 * 86_400,
      deviceToken: expect.stringMatching(/^[\w-]{48}$/),
    });
  });

  it('accepts a Hangul password in any composition', async () => {
    const account = await signUp(app.api, { password: '은행나무아래도토리'.normalize('NFD') });
    await expect(logIn(app.api, { ...account, password: '은행나무아래도토리'.normalize('NFC') })).resolves.toBeDefined();
  });

  it('rejects an address beyond ASCII, whose lower case differs between JavaScript and PostgreSQL', async () => {
    const { email, password } = await signUp(app.api, { email: 'minji@example.com' });
    const login = { email: email.replace('i', 'İ'), password };
    const { status, body } = await app.api.post<{ errors: { pointer: string }[] }>('/auth/login', login);
    expect([status, body.errors[0]?.pointer]).toEqual([400, '#/email']);
  });

  it('gives the same response for an unknown address and a wrong password', async () => {
    const { email } = await signUp(app.api);
    const guess = (address: string) => app.api.post('/auth/login', { email: address, password: 'not this one' });
    const [unknown, wrong] = [await guess('nobody@example.com'), await guess(email)];
    const own = { requestId: expect.any(String), instance: expect.any(String) };
    expect(unknown.body).toEqual({ ...wrong.body, ...own });
    expect(wrong.body).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="ecogreen-seoul"');
  });

  it('verifies one hash for an unknown address too, so that both take the same time', async () => {
    const { email } = await signUp(app.api);
    const verify = jest.spyOn(app.app.get(PasswordHasher), 'verify');
    await app.api.post('/auth/login', { email, password: 'not this one' });
    expect(verify).toHaveBeenCalledTimes(1);
    await app.api.post('/auth/login', { email: 'nobody@example.com', password: 'not this one' });
    expect(verify.mock.calls).toEqual([
      [expect.stringContaining('$argon2id$'), 'not this one'],
      [null, 'not this one'],
    ]);
    verify.mockRestore();
  });

  describe('with a password hash weaker than the current parameters', () => {
    const WEAK = { argon2id: { memoryCost: 4_096, timeCost: 1 }, argon2i: { algorithm: 1, memoryCost: 19_456 } };

    const hashOf = async ({ id }: Account) => {
      const { passwordHash } = await app.app.get(UsersService).get(id);
      return String(passwordHash);
    };
    const weaken = async ({ id, password }: Account, options: object) => {
      const weak = await hash(password.normalize('NFKC'), options);
      await app.app.get(DataSource).query('UPDATE app_user SET password_hash = $1 WHERE id = $2', [weak, id]);
      return weak;
    };

    it.each(Object.entries(WEAK))('renews it (%s) only if the password is right', async (_kind, options) => {
      const account = await signUp(app.api);
      const weak = await weaken(account, options);
      await app.api.post('/auth/login', { email: account.email, password: 'not this one' });
      expect(await hashOf(account)).toBe(weak);
      await logIn(app.api, account);
      const renewed = await hashOf(account);
      expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      await logIn(app.api, account);
      expect(await hashOf(account)).toBe(renewed);
    });

    it('admits all devices that log in concurrently', async () => {
      const account = await signUp(app.api);
      await weaken(account, WEAK.argon2id);
      await Promise.all(Array.from({ length: 6 }, () => logIn(app.api, account)));
      expect(await hashOf(account)).toMatch(/m=19456,t=2,/);
    });
  });

  it('ignores an invalid access token', async () => {
    const { email, password } = await signUp(app.api);
    const { status } = await app.api.post('/auth/login', { email, password }, { token: 'expired' });
    expect(status).toBe(200);
  });

  it('responds in the language of Accept-Language', async () => {
    const { body } = await app.api.post(
      '/auth/login',
      { email: 'nobody@example.com', password: 'not this one' },
      { headers: { 'accept-language': 'ko-KR' } },
    );
    expect(body['detail']).toBe('이메일 주소 또는 비밀번호가 올바르지 않습니다.');
  });
});

describe('the access token of a request', () => {
  it('is answered ACCESS_TOKEN_MISSING when absent', async () => {
    const { status, body, headers } = await app.api.get('/users/me');
    expect([status, body['code']]).toEqual([401, 'ACCESS_TOKEN_MISSING']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="ecogreen-seoul"');
  });

  it.each([
    ['BearerBearer before it', (token: string) => `BearerBearer ${token}`],
    ['Bearer twice before it', (token: string) => `Bearer Bearer ${token}`],
    ['no scheme', (token: string) => token],
    ['another scheme', (token: string) => `Basic ${token}`],
    ['two of it', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['something after it', (token: string) => `Bearer ${token} x`],
    ['nothing after the scheme', () => 'Bearer '],
    ['ten thousand characters', () => `Bearer ${'a'.repeat(10_000)}`],
  ])('with %s is answered INVALID_ACCESS_TOKEN', async (_what, spell) => {
    const { accessToken } = await signUp(app.api);
    const authorization = spell(accessToken);
    const { status, body, headers } = await app.api.get('/users/me', { headers: { authorization } });
    expect([status, body['code']]).toEqual([401, 'INVALID_ACCESS_TOKEN']);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('is not read from a query, a body or a cookie', async () => {
    const { accessToken } = await signUp(app.api);
    const { body: query } = await app.api.get(`/users/me?access_token=${accessToken}`);
    const { body: cookie } = await app.api.get('/users/me', { headers: { cookie: `access_token=${accessToken}` } });
    expect([query['code'], cookie['code']]).toEqual(['ACCESS_TOKEN_MISSING', 'ACCESS_TOKEN_MISSING']);
  });

  it('cannot be a refresh token, nor the reverse', async () => {
    const { accessToken, refreshToken } = await signUp(app.api);
    expect(await whoAmI(app.api, refreshToken)).toEqual({ status: 401, code: 'INVALID_ACCESS_TOKEN' });
    expect(await reissue(app.api, accessToken)).toMatchObject({ status: 401, code: 'INVALID_REFRESH_TOKEN' });
    expect(await whoAmI(app.api, accessToken)).toMatchObject({ status: 200 });
  });

  it('is verified on public routes too', async () => {
    const { accessToken } = await signUp(app.api);
    expect((await app.api.get('//health/live')).status).toBe(200);
    expect((await app.api.get('//health/live', { token: accessToken })).status).toBe(200);
    await app.api.post('/auth/logout', undefined, { token: accessToken });
    const { status, body } = await app.api.get('//health/live', { token: accessToken });
    expect([status, body['code']]).toEqual([401, 'INVALID_ACCESS_TOKEN']);
  });

  it('is rejected when its user was deleted', async () => {
    const { accessToken } = await signUp(app.api);
    await app.api.delete('/users/me', { token: accessToken });
    expect(await whoAmI(app.api, accessToken)).toEqual({ status: 401, code: 'INVALID_ACCESS_TOKEN' });
  });
});

describe('expired tokens', () => {
  const brief = app.useAnother({ env: { ACCESS_TOKEN_TTL: '2s', REFRESH_TOKEN_TTL: '4s' } });

  it('allow a reissue if only the access token has expired', async () => {
    const { accessToken, refreshToken } = await signUp(brief.api);
    await until(async () => (await whoAmI(brief.api, accessToken)).code === 'ACCESS_TOKEN_EXPIRED');
    const { status, pair } = await reissue(brief.api, refreshToken);
    expect(status).toBe(200);
    expect(await whoAmI(brief.api, pair.accessToken)).toMatchObject({ status: 200 });
  });

  it('do not include valid ones on an instance whose clock is a day ahead', async () => {
    const { accessToken } = await signUp(app.api);
    const now = Date.now.bind(Date);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 86_400_000);
    try {
      expect(await whoAmI(app.api, accessToken)).toMatchObject({ status: 200 });
    } finally {
      clock.mockRestore();
    }
  });

  it('require a login if the refresh token has expired too', async () => {
    const account = await signUp(brief.api);
    const store = brief.app.get<Redis>(redisToken('store'));
    await until(async () => (await store.keys(`token:{${account.id}}:session:*`)).length === 0);
    expect((await reissue(brief.api, account.refreshToken)).code).toBe('INVALID_REFRESH_TOKEN');
    expect(await whoAmI(brief.api, account.accessToken)).toEqual({ status: 401, code: 'ACCESS_TOKEN_EXPIRED' });
    const { accessToken } = await logIn(brief.api, account);
    expect(await whoAmI(brief.api, accessToken)).toMatchObject({ status: 200 });
  });

  it('are not needed for a rejection after logout', async () => {
    const { accessToken, refreshToken } = await signUp(app.api);
    const headers = { refresh: refreshToken };
    const { status } = await app.api.post('/auth/logout', undefined, { token: accessToken, headers });
    expect(status).toBe(204);
    expect(await whoAmI(app.api, accessToken)).toEqual({ status: 401, code: 'INVALID_ACCESS_TOKEN' });
    expect(await reissue(app.api, refreshToken)).toMatchObject({ status: 401, code: 'INVALID_REFRESH_TOKEN' });
  });
});
