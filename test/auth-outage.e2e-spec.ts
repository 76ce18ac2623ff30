import { aUser, reissue, whoAmI, type Account } from './support/accounts.js';
import type { Answer } from './support/api.js';
import { createApp, type TestApp } from './support/app.js';
import { providePostgres, provideRedis, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';

let database: ProvidedServer;
let store: ProvidedServer;
let cache: ProvidedServer;
let app: TestApp;

beforeAll(async () => {
  [database, store, cache] = await Promise.all([providePostgres(), provideRedis('store'), provideRedis('cache')]);
  // No reuse window: a token that still works afterwards has not been consumed, not merely forgiven.
  const servers = { DATABASE_URL: database.url, REDIS_URL: store.url, REDIS_CACHE_URL: cache.url };
  app = await createApp({ env: { ...servers, REFRESH_REUSE_WINDOW: '0s' } });
});

afterAll(async () => {
  await app.close();
  await Promise.all([database.drop(), store.drop(), cache.drop()]);
});

type Turn = (server: ProvidedServer) => Promise<void> | void;
const refuse: Turn = (server) => server.stop();
const restart: Turn = (server) => server.start();
const freeze: Turn = (server) => {
  server.pause();
};
const thaw: Turn = (server) => {
  server.resume();
};

/** What happens, how long an answer may take (ms), and how it begins and ends. */
const BAD_DAYS = [
  ['refused', 1_000, refuse, restart],
  ['frozen', 2_000, freeze, thaw],
] as const;

function calls({ email, password, accessToken, refreshToken }: Account): Record<string, () => Promise<Answer>> {
  const headers = { refresh: refreshToken };
  const cookie = { cookie: `__Secure-refresh=${refreshToken}` };
  return {
    login: () => app.api.post('/auth/login', { email, password }),
    reissue: () => app.api.post('/auth/reissue', undefined, { headers }),
    'reissue by cookie': () => app.api.post('/auth/reissue', undefined, { headers: cookie }),
    logout: () => app.api.post('/auth/logout', undefined, { token: accessToken, headers }),
    'logout with cookie': () => app.api.post('/auth/logout', undefined, { token: accessToken, headers: cookie }),
    profile: () => app.api.get('/users/me', { token: accessToken }),
    withdrawal: () => app.api.delete('/users/me', { token: accessToken }),
    'end of sessions': () => app.api.delete('/auth/sessions', { token: accessToken }),
  };
}

describe.each(BAD_DAYS)('with the durable Redis %s', (_what, budgetMs, begin, end) => {
  it('everything that needs a session answers 503 in time, consumes nothing and keeps the cookie', async () => {
    const account = await aUser(app.api);
    await begin(store);
    for (const [name, call] of Object.entries(calls(account))) {
      const startedAt = performance.now();
      const { status, body, headers } = await call();
      expect([name, status, body['code']]).toEqual([name, 503, 'SERVICE_UNAVAILABLE']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(headers.get('set-cookie')).toBeNull();
      expect(performance.now() - startedAt).toBeLessThan(budgetMs);
    }
    await end(store);
    await until(async () => (await whoAmI(app.api, account.accessToken)).status === 200, 5_000);
    expect(await reissue(app.api, account.refreshToken)).toMatchObject({ status: 200 });
  });
});

describe.each(BAD_DAYS)('with PostgreSQL %s', (_what, budgetMs, begin, end) => {
  it('login and reissue answer 503 in time and consume nothing', async () => {
    const account = await aUser(app.api);
    const { login, reissue: again } = calls(account);
    await begin(database);
    for (const call of [login, again]) {
      const startedAt = performance.now();
      const { status, body } = (await call?.()) as Answer;
      expect([status, body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(performance.now() - startedAt).toBeLessThan(budgetMs + 200);
    }
    await end(database);
    await until(async () => (await login?.())?.status === 200, 5_000);
    expect(await reissue(app.api, account.refreshToken)).toMatchObject({ status: 200 });
  });
});

describe.each(BAD_DAYS)('with the cache Redis %s', (_what, budgetMs, begin, end) => {
  it('everything is served', async () => {
    const account = await aUser(app.api);
    await begin(cache);
    for (const name of ['profile', 'login', 'reissue', 'logout']) {
      const startedAt = performance.now();
      const answer = await calls(account)[name]?.();
      expect([name, answer?.status]).toEqual([name, name === 'logout' ? 204 : 200]);
      expect(performance.now() - startedAt).toBeLessThan(budgetMs);
    }
    await end(cache);
  });
});
