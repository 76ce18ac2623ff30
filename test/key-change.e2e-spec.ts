import type { Redis } from 'ioredis';
import { redisToken } from '../src/redis/index.js';
import { logIn, reissue, signUp, whoAmI } from './support/accounts.js';
import { createApp, type TestApp } from './support/app.js';

const [OLD, NEW] = ['key-before-Bm4xRz7KwT9qLc2VnY6hSd3F', 'key-after-Pd8sJf5GtN3vXk6WrQ2mZb9C'];

/** Instances during a change of `JWT_KEYS`: those that have not yet been restarted, and those that have. */
let [before, after]: TestApp[] = [];

beforeAll(async () => {
  before = await createApp({ env: { JWT_KEYS: `${OLD},${NEW}` } });
  const { databaseUrl: DATABASE_URL, redisUrl: REDIS_URL, redisCacheUrl: REDIS_CACHE_URL } = before.env;
  after = await createApp({ env: { JWT_KEYS: `${NEW},${OLD}`, DATABASE_URL, REDIS_URL, REDIS_CACHE_URL } });
});

afterAll(async () => {
  await after?.close();
  await before?.close();
});

const pairOf = (from: string): [TestApp, TestApp] => {
  if (before === undefined || after === undefined) throw new Error('not started');
  return from === 'before' ? [before, after] : [after, before];
};

describe.each(['before', 'after'])('during a change of JWT_KEYS, what an instance signs %s', (from) => {
  it('is accepted by the others: access tokens, refresh tokens, cursors and device tokens', async () => {
    const [issuer, reader] = pairOf(from);
    const account = await signUp(issuer.api);
    const { deviceToken } = await logIn(issuer.api, account);
    expect(await whoAmI(reader.api, account.accessToken)).toMatchObject({ status: 200 });
    const { body } = await issuer.api.get('/auth/sessions?limit=1', { token: account.accessToken });
    const next = `/auth/sessions?limit=1&cursor=${String(body['nextCursor'])}`;
    const page = await reader.api.get(next, { token: account.accessToken });
    expect([page.status, page.body['nextCursor']]).toEqual([200, null]);
    expect(await reissue(reader.api, account.refreshToken)).toMatchObject({ status: 200 });
    const { email, password } = account;
    for (let i = 0; i < 7; i++) await reader.api.post('/auth/login', { email, password: 'not this one' });
    const store = reader.app.get<Redis>(redisToken('store'));
    const [failures = ''] = await store.keys('failures:login-account:*');
    await store.hset(failures, 'blockedUntil', Date.now() + 60_000);
    expect((await reader.api.post('/auth/login', { email, password })).status).toBe(429);
    expect((await reader.api.post('/auth/login', { email, password, deviceToken })).status).toBe(200);
    await store.del(failures);
  });
});
