import { CacheManager } from '../src/cache/index.js';
import type { ApiResponse } from './support/api.js';
import { createApp, useApp, type TestApp } from './support/app.js';
import { aPlace, aUser, type PageBody, type TestUser } from './support/factories.js';
import { provideRedis } from './support/services.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';

keepTimeLimits();

interface CacheBody {
  readonly name: string;
  readonly ttlMs: number;
  readonly hits: number;
  readonly misses: number;
  readonly loads: number;
  readonly meanLoadMs: number | null;
}

interface EntryBody {
  readonly key: string;
  readonly ttlMs: number;
  readonly bytes: number;
  readonly tags: string[];
}

const ROUTES = [
  ['GET', '/admin/caches'],
  ['GET', '/admin/caches/place/entries'],
  ['DELETE', '/admin/caches/place'],
  ['DELETE', '/admin/caches/place/entries/1'],
] as const;

describe('/admin/caches', () => {
  const here = useApp();
  const there = here.useAnother();
  let admin: TestUser;

  beforeAll(async () => {
    admin = await aUser(here, { role: 'admin' });
  });

  const as = ({ token }: TestUser) => ({ token });
  const outcomeAt = async (app: TestApp, path: string) => (await app.api.get(path)).headers.get('x-cache');
  const statsOf = async (name: string) => {
    const { body } = await here.api.get<{ items: CacheBody[] }>('/admin/caches', as(admin));
    return body.items.find((each) => each.name === name);
  };
  const evict = (path: string) => here.api.delete(`/admin/caches/${path}`, as(admin));
  const entriesOf = async (name: string, limit = 100): Promise<EntryBody[]> => {
    const entries: EntryBody[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path: string = `/admin/caches/${name}/entries?limit=${limit}${cursor && `&cursor=${cursor}`}`;
      const { status, body, text }: ApiResponse<PageBody<EntryBody>> = await here.api.get(path, as(admin));
      if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      entries.push(...body.items);
      cursor = body.nextCursor;
    }
    return entries;
  };

  it.each(ROUTES)('requires an admin: %s %s', async (method, path) => {
    const user = await aUser(here);
    const responses = [await here.api.call(method, path), await here.api.call(method, path, as(user))];
    expect(responses.map(({ status }) => status)).toEqual([401, 403]);
    expect(responses.map(({ body }) => (body as { code: string }).code)).toEqual(['ACCESS_TOKEN_MISSING', 'FORBIDDEN']);
  });

  it.each(ROUTES.slice(1))('answers 404 for an unknown cache: %s %s', async (method, path) => {
    for (const name of ['nothing', 'Place', 'place%2Fx', 'a'.repeat(150)]) {
      const { status, body } = await here.api.call(method, path.replace('/place', `/${name}`), as(admin));
      expect([status, (body as { code: string }).code]).toEqual([404, 'CACHE_NOT_FOUND']);
    }
    expect(await statsOf('nothing')).toBeUndefined();
  });

  it('shows the statistics of each cache in this process', async () => {
    const { id } = await aPlace(here);
    const before = await statsOf('place');
    await here.api.get(`/places/${id}`);
    await here.api.get(`/places/${id}`);
    await there.api.get(`/places/${id}`);
    const after = await statsOf('place');
    const growth = (counter: 'hits' | 'misses' | 'loads') => (after?.[counter] ?? 0) - (before?.[counter] ?? 0);
    expect([growth('hits'), growth('misses'), growth('loads')]).toEqual([1, 1, 1]);
    expect(after?.ttlMs).toBe(here.env.cacheTtlMs);
    expect(after?.meanLoadMs).toBeGreaterThan(0);
    const { body } = await here.api.get<{ items: CacheBody[] }>('/admin/caches', as(admin));
    expect(body.items.map(({ name }) => name)).toEqual(['permissions', 'place', 'places', 'reviews']);
    expect(body).toMatchObject({ breaker: 'closed', pendingInvalidations: { oldestMs: expect.any(Number) as number } });
    // Confirmed invalidations are deleted a moment later.
    await until(async () => {
      const { body: now } = await here.api.get<{ pendingInvalidations: { count: number } }>('/admin/caches', as(admin));
      return now.pendingInvalidations.count === 0;
    });
  });

  it('shows an entry with size, tags and remaining time', async () => {
    const { id } = await aPlace(here);
    await here.api.get(`/places/${id}/reviews`);
    const [entry, ...others] = (await entriesOf('reviews')).filter(({ tags }) => tags.length > 0);
    expect(others).toEqual([]);
    expect(entry?.bytes).toBeGreaterThan(10);
    expect(entry?.ttlMs).toBeGreaterThan(here.env.cacheTtlMs / 2);
    expect(entry?.ttlMs).toBeLessThanOrEqual(here.env.cacheTtlMs * 1.1);
    expect(entry?.tags.join()).toContain(String(id));
  });

  it('shows every entry once, page by page', async () => {
    await evict('place');
    const ids: number[] = [];
    for (let count = 0; count < 23; count += 1) ids.push((await aPlace(here)).id);
    await Promise.all(ids.map((id) => here.api.get(`/places/${id}`)));
    const keys = (await entriesOf('place', 5)).map(({ key }) => key);
    expect(keys.map(Number).sort((one, other) => one - other)).toEqual(ids);
  });

  it('rejects the cursor of another cache', async () => {
    const path = (name: string, cursor = '') => `/admin/caches/${name}/entries?limit=1${cursor}`;
    const { id } = await aPlace(here);
    await here.api.get(`/places/${id}`);
    await here.api.get(`/places/${(await aPlace(here)).id}`);
    const { body } = await here.api.get<PageBody<EntryBody>>(path('place'), as(admin));
    const response = await here.api.get(path('places', `&cursor=${body.nextCursor ?? ''}`), as(admin));
    expect([response.status, response.body['code']]).toEqual([400, 'INVALID_CURSOR']);
  });

  it.each([
    ['a number', 42],
    ['words in Korean', '마포구 리필'],
    ['all characters with a meaning in URLs', '50% / ? # & = + .. \\ "x"'],
    ['an object', { sort: 'latest', after: null }],
    ['no argument', undefined],
    ['the longest readable key', 'x'.repeat(198)],
    ['a longer key', 'x'.repeat(199)],
  ])('evicts an entry by its listed key: %s', async (_what, key) => {
    const cache = there.app.get(CacheManager, { strict: false }).get('reviews');
    await cache.clear();
    await cache.put(key, 'value');
    const [entry] = await entriesOf('reviews');
    expect((await evict(`reviews/entries/${encodeURIComponent(entry?.key ?? '')}`)).status).toBe(204);
    expect(await entriesOf('reviews')).toEqual([]);
    expect(await cache.get(key)).toBeUndefined();
  });

  it('evicts for the other instances too', async () => {
    const [one, other] = [`/places/${(await aPlace(there)).id}`, `/places/${(await aPlace(there)).id}`];
    for (const path of [one, other]) {
      await there.api.get(path);
      expect(await outcomeAt(there, path)).toBe('HIT');
    }
    expect((await evict(`place/entries/${one.split('/').at(-1) ?? ''}`)).status).toBe(204);
    expect([await outcomeAt(there, one), await outcomeAt(there, other)]).toEqual(['MISS', 'HIT']);
    expect((await evict('place')).status).toBe(204);
    expect(await entriesOf('place')).toEqual([]);
    expect([await outcomeAt(there, one), await outcomeAt(there, other)]).toEqual(['MISS', 'MISS']);
  });

  it('answers 204 for an absent entry', async () => {
    expect((await evict('place/entries/424242')).status).toBe(204);
  });
});

describe('/admin/caches without a cache Redis', () => {
  it('cannot list entries but still shows statistics', async () => {
    const redis = await provideRedis('cache');
    const app = await createApp({ env: { REDIS_CACHE_URL: redis.url } });
    try {
      const { token } = await aUser(app, { role: 'admin' });
      await redis.stop();
      const { status, body } = await app.api.get('/admin/caches/place/entries', { token });
      expect([status, body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      const caches = await app.api.get('/admin/caches', { token });
      expect([caches.status, caches.body['breaker']]).not.toEqual([200, 'closed']);
      expect(caches.status).toBe(200);
    } finally {
      await app.close();
      await redis.drop();
    }
  });
});
