import type { Redis } from 'ioredis';
import { redisToken } from '../src/redis/index.js';
import { logIn, reissue, signUp, whoAmI } from './support/accounts.js';
import { useApp } from './support/app.js';

const [OLD, NEW] = ['key-before-Bm4xRz7KwT9qLc2VnY6hSd3F', 'key-after-Pd8sJf5GtN3vXk6WrQ2mZb9C'];

/** Instances that have not yet been restarted, and that have been, during a change of `JWT_KEYS`. */
const before = useApp({ env: { JWT_KEYS: `${OLD},${NEW}` } });
const after = before.useAnother({ env: { JWT_KEYS: `${NEW},${OLD}` } });

describe.each([
  ['before', before, after],
  ['after', after, before],
])('tokens and cursors that an instance signs %s its restart with changed JWT_KEYS', (_when, issuer, reader) => {
  it('are accepted by the other instances', async () => {
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
