import type { Account, TokenPairBody } from '../support/accounts.js';
import { aPlace, newPlace, type PageBody, type PlaceBody, type TestUser } from '../support/factories.js';
import { FAULTS, LOGINS_A_MINUTE, newAddress, createFaultEnv, newClient, injectFault, timed, untilRecovered, type FaultInjectionEnv } from './support/fault-injection.js';

let env: FaultInjectionEnv;

beforeAll(async () => {
  env = await createFaultEnv();
});

afterAll(() => env.close());

describe.each(FAULTS)('with the cache Redis $state', (fault) => {
  const { state, budgetMs } = fault;
  const cell = (feature: string, what: string) => `${feature} | cache Redis ${state}: ${what}`;
  const api = () => env.t.api;
  let restore: () => Promise<void>;
  let account: Account;
  let owner: TestUser;
  let place: PlaceBody;
  let changed: PlaceBody;
  let cold: PlaceBody;

  const read = (path: string, token?: string) => timed(() => api().get<PlaceBody>(path, { token }));

  beforeAll(async () => {
    account = await newClient(env);
    owner = { id: account.id, nickname: account.nickname, token: account.accessToken };
    place = await aPlace(env.t, { owner });
    changed = await aPlace(env.t, { owner });
    for (const path of [`/places/${place.id}`, `/places/${changed.id}`, '/places']) await read(path);
    expect((await read(`/places/${place.id}`)).headers.get('x-cache')).toBe('HIT');
    cold = await aPlace(env.t, { owner });
    restore = await injectFault(fault, env.cache);
  });

  afterAll(() => restore());

  it(cell('public reads', 'come from PostgreSQL in time with X-Cache: BYPASS'), async () => {
    // The uncached place first: a frozen server runs the commands later, and grants a lease that nobody holds.
    const lists = ['/places', '/places?sort=rating', `/places/${place.id}/reviews`];
    for (const path of [`/places/${cold.id}`, `/places/${place.id}`, ...lists]) {
      const { status, headers, tookMs } = await read(path);
      expect([path, status, headers.get('x-cache')]).toEqual([path, 200, 'BYPASS']);
      expect(tookMs).toBeLessThan(budgetMs);
    }
    expect((await read(`/places/${place.id}`)).body.name).toBe(place.name);
  });

  it(cell('authenticated requests', 'are served in time'), async () => {
    for (const path of ['/users/me', '/auth/sessions', `/places/${place.id}`]) {
      const { status, tookMs } = await read(path, account.accessToken);
      expect([path, status]).toEqual([path, 200]);
      expect(tookMs).toBeLessThan(budgetMs);
    }
  });

  it(cell('writes', 'commit in time and are visible to the next read'), async () => {
    const { status, tookMs } = await timed(() =>
      api().patch(`/places/${changed.id}`, { name: `new ${state}` }, { token: owner.token }),
    );
    expect(status).toBe(200);
    expect(tookMs).toBeLessThan(budgetMs);
    expect((await read(`/places/${changed.id}`)).body.name).toBe(`new ${state}`);
    const created = await timed(() => api().post<PlaceBody>('/places', newPlace(), { token: owner.token }));
    expect(created.status).toBe(201);
    expect(created.tookMs).toBeLessThan(budgetMs);
    const { body } = await api().get<PageBody<PlaceBody>>('/places');
    expect(body.items.map(({ id }) => id)).toContain(created.body.id);
  });

  it(cell('login, reissue, logout', 'are served in time'), async () => {
    const { email, password } = account;
    const login = await timed(() =>
      api().post<TokenPairBody>('/auth/login', { email, password }, { headers: newAddress() }),
    );
    const headers = { refresh: login.body.refreshToken };
    const again = await timed(() => api().post<TokenPairBody>('/auth/reissue', undefined, { headers }));
    const token = again.body.accessToken;
    const logout = await timed(() => api().post('/auth/logout', undefined, { token }));
    expect([login.status, again.status, logout.status]).toEqual([200, 200, 204]);
    for (const { tookMs } of [login, again, logout]) expect(tookMs).toBeLessThan(budgetMs);
    expect((await read('/users/me', token)).body).toMatchObject({ code: 'INVALID_ACCESS_TOKEN' });
  });

  it(cell('rate limit', 'counts as usual'), async () => {
    expect(await statusesOfLogins(env)).toEqual([...Array<number>(LOGINS_A_MINUTE).fill(401), 429]);
  });

  it(cell('health', 'is live and ready, but degraded'), async () => {
    expect((await read('//health/live')).status).toBe(200);
    const { status, body, tookMs } = await read('//health/ready');
    expect([status, body]).toEqual([200, { status: 'degraded', postgres: 'up', store: 'up', cache: 'down' }]);
    expect(tookMs).toBeLessThan(budgetMs);
  });

  it(cell('recovery', 'hits again within 5 s with no stale value'), async () => {
    await restore();
    const isHit = async ({ id }: PlaceBody) => (await read(`/places/${id}`)).headers.get('x-cache') === 'HIT';
    const areHits = async () => (await Promise.all([changed, cold, place].map(isHit))).every(Boolean);
    await untilRecovered(`cache Redis ${state}`, areHits);
    expect((await read(`/places/${changed.id}`)).body.name).toBe(`new ${state}`);
    expect((await read(`/places/${place.id}`)).body.name).toBe(place.name);
    expect((await read('//health/ready')).body).toMatchObject({ status: 'ok' });
  });
});

/** Statuses of one login more than the limit per minute, from one address and for unknown accounts. */
async function statusesOfLogins({ t }: FaultInjectionEnv): Promise<number[]> {
  const headers = newAddress();
  const statuses: number[] = [];
  for (let login = 0; login <= LOGINS_A_MINUTE; login++) {
    const guess = { email: `${login}.${headers['x-forwarded-for']}@example.com`, password: 'not the right one' };
    statuses.push((await t.api.post('/auth/login', guess, { headers })).status);
  }
  return statuses;
}
