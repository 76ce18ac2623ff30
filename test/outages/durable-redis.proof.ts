import { newAccount, reissue, type Account } from '../support/accounts.js';
import type { ApiResponse } from '../support/api.js';
import { aPlace, newPlace, type PlaceBody } from '../support/factories.js';
import { FAULTS, newAddress, createFaultEnv, newClient, injectFault, timed, untilRecovered, type FaultInjectionEnv } from './support/fault-injection.js';

let env: FaultInjectionEnv;

beforeAll(async () => {
  env = await createFaultEnv();
});

afterAll(() => env.close());

describe.each(FAULTS)('with the durable Redis $state', (fault) => {
  const { state, budgetMs } = fault;
  const cell = (feature: string, what: string) => `${feature} | durable Redis ${state}: ${what}`;
  const api = () => env.t.api;
  let restore: () => Promise<void>;
  let account: Account;
  let place: PlaceBody;
  let cold: PlaceBody;

  const read = (path: string, token?: string) => timed(() => api().get<PlaceBody>(path, { token }));

  /** Expects 503 within the budget, with Retry-After and without a change of cookies. */
  async function expect503(name: string, call: () => Promise<ApiResponse>): Promise<void> {
    const { status, body, headers, tookMs } = await timed(call);
    expect([name, status, body['code']]).toEqual([name, 503, 'SERVICE_UNAVAILABLE']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('set-cookie')).toBeNull();
    expect(tookMs).toBeLessThan(budgetMs);
  }

  beforeAll(async () => {
    account = await newClient(env);
    const owner = { id: account.id, nickname: account.nickname, token: account.accessToken };
    place = await aPlace(env.t, { owner });
    cold = await aPlace(env.t, { owner });
    await read(`/places/${place.id}`);
    restore = await injectFault(fault, env.store);
  });

  afterAll(() => restore());

  it(cell('public reads', 'are served from the cache and fill it'), async () => {
    const seen = async (id: number) => {
      const { status, headers, tookMs } = await read(`/places/${id}`);
      expect(tookMs).toBeLessThan(budgetMs);
      return [status, headers.get('x-cache')];
    };
    expect(await seen(place.id)).toEqual([200, 'HIT']);
    expect(await seen(cold.id)).toEqual([200, 'MISS']);
    expect(await seen(cold.id)).toEqual([200, 'HIT']);
  });

  it(cell('authenticated requests', 'are answered 503, since a revocation could be missed'), async () => {
    const { accessToken: token } = account;
    for (const path of ['/users/me', '/auth/sessions', `/places/${place.id}`]) {
      await expect503(path, () => api().get(path, { token }));
    }
  });

  it(cell('writes', 'are answered 503 and write nothing'), async () => {
    const { accessToken: token } = account;
    await expect503('create', () => api().post('/places', newPlace(), { token }));
    await expect503('edit', () => api().patch(`/places/${place.id}`, { name: 'never' }, { token }));
    await expect503('like', () => api().put(`/places/${place.id}/like`, { token }));
    await expect503('withdrawal', () => api().delete('/users/me', { token }));
    expect((await read(`/places/${place.id}`)).body).toMatchObject({ name: place.name, likeCount: 0 });
  });

  it(cell('login, reissue, logout', 'are answered 503 with Retry-After and keep the cookie'), async () => {
    const { email, password, accessToken: token, refreshToken } = account;
    const headers = { refresh: refreshToken };
    const cookie = { cookie: `__Secure-refresh=${refreshToken}` };
    const login = () => api().post('/auth/login', { email, password }, { headers: newAddress() });
    await expect503('login', login);
    await expect503('reissue', () => api().post('/auth/reissue', undefined, { headers }));
    await expect503('reissue by cookie', () => api().post('/auth/reissue', undefined, { headers: cookie }));
    await expect503('logout', () => api().post('/auth/logout', undefined, { token, headers }));
    await expect503('logout with cookie', () => api().post('/auth/logout', undefined, { token, headers: cookie }));
    await expect503('end of sessions', () => api().delete('/auth/sessions', { token }));
  });

  it(cell('rate limit', 'a login or sign-up that cannot be counted is answered 503'), async () => {
    const options = { headers: newAddress() };
    await expect503('sign-up', () => api().post('/auth/signup', newAccount(), options));
    await expect503('login', () => api().post('/auth/login', { email: 'a@example.com', password: 'a guess' }, options));
  });

  it(cell('breaker', 'rejects immediately what would time out'), async () => {
    const call = () => timed(() => api().get('/users/me', { token: account.accessToken }));
    await Promise.all(Array.from({ length: 5 }, call));
    for (let round = 0; round < 10; round++) {
      const { status, headers, tookMs } = await call();
      expect([status, headers.get('retry-after')]).toEqual([503, '2']);
      expect(tookMs).toBeLessThan(500);
    }
  });

  it(cell('health', 'is live, not ready, and names the cause'), async () => {
    expect((await read('//health/live')).status).toBe(200);
    const ready = await timed(() => api().get<{ detail: string }>('//health/ready'));
    expect([ready.status, ready.body.detail]).toEqual([503, 'Not ready: no response from store.']);
    expect(ready.tookMs).toBeLessThan(budgetMs);
  });

  it(cell('recovery', 'takes at most 5 s and ends no session'), async () => {
    const { accessToken, refreshToken, email, password } = account;
    await restore();
    await untilRecovered(`durable Redis ${state}`, async () => (await read('/users/me', accessToken)).status === 200);
    expect((await read('//health/ready')).body).toMatchObject({ status: 'ok' });
    expect(await reissue(api(), refreshToken)).toMatchObject({ status: 200 });
    expect((await api().post('/auth/login', { email, password }, { headers: newAddress() })).status).toBe(200);
    const { body } = await api().patch<PlaceBody>(`/places/${place.id}`, { name: state }, { token: accessToken });
    expect(body.name).toBe(state);
    expect((await read(`/places/${place.id}`)).body.name).toBe(state);
  });
});
