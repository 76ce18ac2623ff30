import { EventEmitter2 } from '@nestjs/event-emitter';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { redisToken } from '../src/redis/index.js';
import { UserRenamed, UsersService, UserWithdrawn } from '../src/users/index.js';
import { type Account, logIn, newAccount, reissue, signUp, whoAmI } from './support/accounts.js';
import { useApp } from './support/app.js';
import { provideRedis, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';
import { stopwatch } from './support/stopwatch.js';

keepTimeLimits();

let store: ProvidedServer;

beforeAll(async () => {
  store = await provideRedis();
});
const app = useApp(() => ({ env: { REDIS_URL: store.url, REDIS_CACHE_URL: `${store.url}/1` } }));
afterAll(() => store.drop());

describe('GET /users/me', () => {
  it('returns the profile of the caller without the password', async () => {
    const { id, email, nickname, accessToken } = await signUp(app.api);
    const { status, body, text } = await app.api.get('/users/me', { token: accessToken });
    expect(status).toBe(200);
    const times = { createdAt: expect.any(String), updatedAt: expect.any(String) };
    expect(body).toEqual({ id, email, nickname, role: 'user', tier: 'user', ...times });
    expect(text).not.toMatch(/password|argon2/i);
  });

  it('returns each caller their own profile', async () => {
    const [mina, jiwoo] = [await signUp(app.api), await signUp(app.api)];
    for (const { id, accessToken } of [mina, jiwoo, mina]) {
      expect((await app.api.get('/users/me', { token: accessToken })).body['id']).toBe(id);
    }
  });
});

describe('PATCH /users/me', () => {
  it('changes the nickname and publishes an event', async () => {
    const { id, accessToken } = await signUp(app.api);
    const seen: unknown[] = [];
    const listener = (event: UserRenamed) => seen.push(event);
    app.app.get(EventEmitter2).once(UserRenamed.name, listener);
    const { nickname } = newAccount();
    const { status, body } = await app.api.patch('/users/me', { nickname }, { token: accessToken });
    expect([status, body['nickname']]).toEqual([200, nickname]);
    expect(seen).toEqual([new UserRenamed(id, nickname)]);
    expect(await app.app.get(UsersService).findNicknames([id])).toEqual(new Map([[id, nickname]]));
  });

  it('is rolled back when an event handler fails', async () => {
    const { accessToken, nickname } = await signUp(app.api);
    app.app.get(EventEmitter2).once(UserRenamed.name, () => {
      throw new Error('a listener failed');
    });
    const wanted = newAccount().nickname;
    expect((await app.api.patch('/users/me', { nickname: wanted }, { token: accessToken })).status).toBe(500);
    expect((await app.api.get('/users/me', { token: accessToken })).body['nickname']).toBe(nickname);
  });

  it('publishes nothing when the nickname is unchanged or taken', async () => {
    const [{ accessToken, nickname }, other] = [await signUp(app.api), await signUp(app.api)];
    const listener = jest.fn();
    app.app.get(EventEmitter2).on(UserRenamed.name, listener);
    expect((await app.api.patch('/users/me', { nickname }, { token: accessToken })).status).toBe(200);
    const taken = { nickname: other.nickname.toUpperCase() };
    const { status, body } = await app.api.patch('/users/me', taken, { token: accessToken });
    expect([status, body['code']]).toEqual([409, 'NICKNAME_TAKEN']);
    expect(listener).not.toHaveBeenCalled();
    app.app.get(EventEmitter2).off(UserRenamed.name, listener);
  });

  it('accepts one of ten concurrent changes to the same nickname', async () => {
    const users = await Promise.all(Array.from({ length: 10 }, () => signUp(app.api)));
    const { nickname } = newAccount();
    const responses = await Promise.all(
      users.map(({ accessToken }) => app.api.patch('/users/me', { nickname }, { token: accessToken })),
    );
    expect(responses.map((each) => each.status).sort()).toEqual([200, ...Array<number>(9).fill(409)]);
  });

  it.each([{ role: 'admin' }, { tier: 'premium' }, { email: 'x@example.com' }, { id: 'x' }, {}])(
    'rejects %j',
    async (body) => {
      const { accessToken } = await signUp(app.api);
      expect((await app.api.patch('/users/me', body, { token: accessToken })).status).toBe(400);
    },
  );
});

describe('reserved nicknames', () => {
  let account: Account;

  beforeAll(async () => {
    account = await signUp(app.api);
  });

  const rename = (nickname: string) => app.api.patch('/users/me', { nickname }, { token: account.accessToken });

  const RESERVED = [
    ...['admin', 'Admin', 'ADMIN', 'adm1n', 'admln', 'admin1', '007admin', 'administrator', 'root', 'system'],
    ...['support', '운영자', '관리자', '운영자1', '운영자님', '관리자님2'],
    ...['에코그린운영자', 'ecogreen', 'EcoGreenSeoul', 'ec0green', '에코그린서울', 'ecogreenAdmin'],
    ...['officia1', '0fficial', '0perator', '0fficial7', '70perator', 'nu11', 'he1p2', 'ec0greenOfficia1', 'r00t0'],
  ];
  it.each(RESERVED)('include %s', async (nickname) => {
    const responses = [await rename(nickname), await app.api.post('/auth/signup', newAccount({ nickname }))];
    expect(responses.map(({ status, body }) => [status, body['code']])).toEqual([
      [409, 'NICKNAME_TAKEN'],
      [409, 'NICKNAME_TAKEN'],
    ]);
  });

  const FREE = ['badminton', '초록관리인', '0011', 'rooted', 'seoul', '운영', 'fficial', 'perator'];
  it.each(FREE)('do not include %s', async (nickname) => {
    expect((await rename(nickname)).status).toBe(200);
  });
});

describe('DELETE /users/me', () => {
  it('deletes the account and every session, and frees address and nickname', async () => {
    const account = await signUp(app.api);
    const phone = await logIn(app.api, account);
    const published = jest.fn();
    app.app.get(EventEmitter2).once(UserWithdrawn.name, published);
    expect((await app.api.delete('/users/me', { token: account.accessToken })).status).toBe(204);
    expect(published).toHaveBeenCalledWith(new UserWithdrawn(account.id));
    for (const pair of [account, phone]) {
      expect(await whoAmI(app.api, pair.accessToken)).toEqual({ status: 401, code: 'INVALID_ACCESS_TOKEN' });
      expect(await reissue(app.api, pair.refreshToken)).toMatchObject({ status: 401, code: 'INVALID_REFRESH_TOKEN' });
    }
    const { email, password, nickname } = account;
    expect((await app.api.post('/auth/login', { email, password })).status).toBe(401);
    expect((await app.api.post('/auth/signup', { email, password, nickname })).status).toBe(201);
  });

  const withdraw = ({ accessToken: token }: Pick<Account, 'accessToken'>, password?: unknown) =>
    app.api.delete('/users/me', { token, ...(password !== undefined && { body: { password } }) });

  /** Makes the login of every session of the user older. */
  const ageSessions = async ({ id }: Account, byMs: number) => {
    const redis = app.app.get<Redis>(redisToken('store'));
    for (const key of await redis.keys(`token:{${id}}:session:*`)) await redis.hincrby(key, 'createdAt', -byMs);
  };

  it('requires the password or a login (not a reissue) within five minutes', async () => {
    const account = await signUp(app.api);
    await ageSessions(account, 4 * 60_000);
    const { pair } = await reissue(app.api, account.refreshToken);
    await ageSessions(account, 60_000);
    for (const { accessToken } of [account, pair]) {
      const { status, body } = await withdraw({ accessToken });
      expect([status, body['code']]).toEqual([403, 'REAUTHENTICATION_REQUIRED']);
    }
    expect(await whoAmI(app.api, account.accessToken)).toMatchObject({ status: 200 });
    expect((await withdraw(account, account.password)).status).toBe(204);
    expect((await whoAmI(app.api, account.accessToken)).status).toBe(401);
  });

  it('accepts a recent login of the same device only', async () => {
    const account = await signUp(app.api);
    await ageSessions(account, 6 * 60_000);
    const phone = await logIn(app.api, account);
    expect((await withdraw(account)).status).toBe(403);
    expect((await withdraw(phone)).status).toBe(204);
  });

  it('rejects and delays wrong passwords despite a recent login', async () => {
    const account = await signUp(app.api);
    const codes = [];
    for (let n = 0; n < 7; n++) codes.push((await withdraw(account, 'not this one')).body['code']);
    expect(codes.slice(0, 5)).toEqual(Array<string>(5).fill('INVALID_CREDENTIALS'));
    expect(codes).toContain('RATE_LIMITED');
    expect(await whoAmI(app.api, account.accessToken)).toMatchObject({ status: 200 });
  });

  it.each([7, '', 'x'.repeat(1_001), '☕️'.repeat(501), ['x'], {}])(
    'does not accept %j as a password',
    async (password) => {
      const { status, body } = await withdraw(await signUp(app.api), password);
      expect([status, body['code']]).toEqual([400, 'VALIDATION_FAILED']);
    },
  );

  it('leaves no session to concurrent logins and reissues', async () => {
    for (let round = 0; round < 5; round++) {
      const account = await signUp(app.api);
      const { email, password, accessToken, refreshToken } = account;
      const logins = Array.from({ length: 4 }, () => app.api.post('/auth/login', { email, password }));
      const reissues = Array.from({ length: 4 }, () => reissue(app.api, refreshToken));
      const [left] = await Promise.all([app.api.delete('/users/me', { token: accessToken }), ...logins, ...reissues]);
      expect(left.status).toBe(204);
      expect(await app.app.get<Redis>(redisToken('store')).keys(`token:{${account.id}}:session:*`)).toEqual([]);
      for (const login of await Promise.all(logins)) {
        if (login.status === 200) expect((await whoAmI(app.api, String(login.body['accessToken']))).status).toBe(401);
      }
    }
  });

  it('is rejected while the durable Redis is unavailable, without a commit', async () => {
    const account = await signUp(app.api);
    await app.api.get('/users/me', { token: account.accessToken });
    // Unavailable between the check of the token and the end of the sessions: the worst moment.
    const emitter = app.app.get(EventEmitter2);
    emitter.prependOnceListener(UserWithdrawn.name, () => {
      store.pause();
    });
    const elapsedMs = stopwatch();
    const { status, body, headers } = await app.api.delete('/users/me', { token: account.accessToken });
    expect([status, body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(elapsedMs()).toBeLessThan(2_000);
    const rows = await app.app.get(DataSource).query<unknown[]>('SELECT 1 FROM app_user WHERE id = $1', [account.id]);
    expect(rows).toHaveLength(1);
    store.resume();
    const login = { email: account.email, password: account.password };
    await until(async () => (await app.api.post('/auth/login', login)).status === 200);
    const { accessToken } = await logIn(app.api, account);
    expect((await app.api.delete('/users/me', { token: accessToken })).status).toBe(204);
  });
});

describe('permissions of a user', () => {
  it('are cached for an hour and change immediately', async () => {
    const { id, accessToken } = await signUp(app.api);
    const users = app.app.get(UsersService);
    // The circuit breaker of the cache may be open after the outage.
    const cache = app.app.get<Redis>(redisToken('cache'));
    await until(async () => {
      await whoAmI(app.api, accessToken);
      return (await cache.keys(`*permissions*${id}*`).catch(() => [])).length > 0;
    });
    await app.app.get(DataSource).query(`UPDATE app_user SET tier = 'premium' WHERE id = $1`, [id]);
    expect(await users.getPermissions(id)).toEqual({ role: 'user', tier: 'user' });
    await users.changePermissions(id, { role: 'admin' });
    expect(await users.getPermissions(id)).toEqual({ role: 'admin', tier: 'premium' });
  });
});
