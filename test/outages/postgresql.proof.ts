import { reissue, type Account, type TokenPairBody } from '../support/accounts.js';
import type { ApiResponse } from '../support/api.js';
import { aPlace, newPlace, type PlaceBody } from '../support/factories.js';
import { until } from '../support/until.js';
import {
  FAULTS, LOGINS_A_MINUTE, newAddress, createFaultEnv, newClient, injectFault, timed, untilRecovered, type Dependency,
  type FaultInjectionEnv,
} from './support/fault-injection.js';

/** TTL of cached values; short, so that they expire during the test. */
const TTL_MS = 1_000;

/** Time budget of a response with an expired value, which waits less for PostgreSQL than one without. */
const STALE_BUDGET_MS = 1_000;

let env: FaultInjectionEnv;

beforeAll(async () => {
  env = await createFaultEnv({ withPostgres: true, env: { CACHE_TTL: `${TTL_MS}ms` } });
});

afterAll(() => env.close());

describe.each(FAULTS)('with PostgreSQL $state', (fault) => {
  const { state, budgetMs } = fault;
  const cell = (feature: string, what: string) => `${feature} | PostgreSQL ${state}: ${what}`;
  const api = () => env.t.api;
  let restore: () => Promise<void>;
  let account: Account;
  let leaving: Account;
  let unknown: Account;
  let place: PlaceBody;
  let cold: PlaceBody;

  const read = (path: string, token?: string) => timed(() => api().get<PlaceBody>(path, { token }));

  /** Expects 503 within the budget, with Retry-After and without a change of cookies. */
  async function expect503(name: string, call: () => Promise<ApiResponse<unknown>>): Promise<void> {
    const { status, headers, tookMs } = await timed(call);
    expect([name, status]).toEqual([name, 503]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('set-cookie')).toBeNull();
    expect(tookMs).toBeLessThan(budgetMs);
  }

  beforeAll(async () => {
    account = await newClient(env);
    const owner = { id: account.id, nickname: account.nickname, token: account.accessToken };
    place = await aPlace(env.t, { owner });
    await read(`/places/${place.id}`);
    await read('/places');
    [leaving, unknown] = [await newClient(env), await newClient(env)];
    await read('/users/me', leaving.accessToken);
    cold = await aPlace(env.t, { owner });
    restore = await injectFault(fault, env.postgres as Dependency);
  });

  afterAll(() => restore());

  it(cell('public reads', 'come from the cache, STALE after expiry, else 503'), async () => {
    await until(async () => (await read(`/places/${place.id}`)).headers.get('x-cache') === 'STALE', 3_000 + budgetMs);
    const { status, headers, body, tookMs } = await read(`/places/${place.id}`);
    expect([status, headers.get('x-cache'), body.name]).toEqual([200, 'STALE', place.name]);
    expect(tookMs).toBeLessThan(STALE_BUDGET_MS);
    await expect503('cold', () => read(`/places/${cold.id}`));
  });

  it(cell('authenticated requests', 'are answered 503 or from the cache'), async () => {
    const { accessToken: token } = account;
    await expect503('profile', () => api().get('/users/me', { token }));
    const sessions = await read('/auth/sessions', token);
    expect(sessions.status).toBe(200);
    expect(sessions.tookMs).toBeLessThan(budgetMs);
  });

  it(cell('writes', 'are answered 503'), async () => {
    const { accessToken: token } = account;
    await expect503('create', () => api().post('/places', newPlace(), { token }));
    await expect503('edit', () => api().patch(`/places/${place.id}`, { name: 'never' }, { token }));
    await expect503('like', () => api().put(`/places/${place.id}/like`, { token }));
    await expect503('withdrawal', () => api().delete('/users/me', { token }));
  });

  it(cell('login, reissue', 'are answered 503 with Retry-After, consume nothing and keep the cookie'), async () => {
    const { email, password, refreshToken } = account;
    const headers = { refresh: refreshToken };
    const cookie = { cookie: `__Secure-refresh=${refreshToken}` };
    await expect503('login', () => api().post('/auth/login', { email, password }, { headers: newAddress() }));
    await expect503('reissue', () => api().post('/auth/reissue', undefined, { headers }));
    await expect503('reissue by cookie', () => api().post('/auth/reissue', undefined, { headers: cookie }));
  });

  it(cell('logout', 'is answered 204 and revokes the token'), async () => {
    const logOut = (token: string) => timed(() => api().post('/auth/logout', undefined, { token }));
    for (const { accessToken } of [leaving, unknown]) {
      const { status, tookMs } = await logOut(accessToken);
      expect(status).toBe(204);
      expect(tookMs).toBeLessThan(budgetMs);
    }
    expect((await read('/users/me', leaving.accessToken)).body).toMatchObject({ code: 'INVALID_ACCESS_TOKEN' });
  });

  it(cell('rate limit', 'counts as usual'), async () => {
    const headers = newAddress();
    const guess = { email: 'nobody@example.com', password: 'not the right one' };
    const login = () => timed(() => api().post('/auth/login', guess, { headers }));
    const responses = await Promise.all(Array.from({ length: LOGINS_A_MINUTE + 1 }, login));
    const statuses = responses.map(({ status }) => status).sort();
    expect(statuses).toEqual([429, ...Array<number>(LOGINS_A_MINUTE).fill(503)]);
  });

  it(cell('health', 'is live, not ready, and names the cause'), async () => {
    expect((await read('//health/live')).status).toBe(200);
    const ready = await timed(() => api().get<{ detail: string }>('//health/ready'));
    expect([ready.status, ready.body.detail]).toEqual([503, 'Not ready: no response from postgres.']);
    expect(ready.tookMs).toBeLessThan(budgetMs);
  });

  it(cell('recovery', 'takes at most 5 s; nothing is lost or stale'), async () => {
    const { email, password, refreshToken } = account;
    await restore();
    const login = () => api().post<TokenPairBody>('/auth/login', { email, password }, { headers: newAddress() });
    await untilRecovered(`PostgreSQL ${state}`, async () => (await login()).status === 200);
    expect(await reissue(api(), refreshToken)).toMatchObject({ status: 200 });
    const token = (await login()).body.accessToken;
    expect((await read('/users/me', account.accessToken)).status).toBe(200);
    const change = { name: `after ${state}` };
    expect((await api().patch(`/places/${place.id}`, change, { token })).status).toBe(200);
    expect((await read(`/places/${place.id}`)).body).toMatchObject({ ...change, likeCount: 0 });
    expect((await read('//health/ready')).body).toMatchObject({ status: 'ok' });
  });
});
