import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { useApp, type TestApp } from './support/app.js';
import {
  aPlace, aReview, aUser, newPlace, users, type PageBody, type PlaceBody, type ReviewBody, type TestUser,
} from './support/factories.js';
import { until } from './support/until.js';

/** Writes go to one instance, reads to another on the same servers. */
describe('cached places and reviews', () => {
  const t = useApp();
  const other = t.useAnother();
  let cache: Redis;
  let owner: TestUser;
  let admin: TestUser;

  beforeAll(async () => {
    cache = new Redis(t.env.redisCacheUrl);
    [owner, admin] = await Promise.all([aUser(t), aUser(t, { role: 'admin' })]);
  });
  afterAll(() => cache.disconnect());
  beforeEach(() => cache.flushdb());

  const read = async (path: string, token?: string) => {
    const { status, headers, body } = await other.api.get(path, { token });
    return { status, body, cache: headers.get('x-cache') };
  };
  const cacheOf = async (path: string) => (await read(path)).cache;
  const keys = async () => (await cache.keys('*')).sort();

  describe('on the second request', () => {
    it.each([
      ['a place', ({ placeId }: ReviewBody) => `/places/${placeId}`],
      ['a list', () => '/places'],
      ['a list by rating', () => '/places?sort=rating'],
      ['a list by reviews', () => '/places?sort=reviews&category=ZERO_WASTE'],
      ['the reviews of a place', ({ placeId }: ReviewBody) => `/places/${placeId}/reviews`],
      ['the reviews of a place by likes', ({ placeId }: ReviewBody) => `/places/${placeId}/reviews?sort=likes`],
      ['the categories', () => '/categories'],
      ['the districts', () => '/districts'],
    ])('%s is served from the cache of any instance, unchanged', async (_name, pathOf) => {
      const path = pathOf(await aReview(t));
      const first = await t.api.get(path);
      expect(first.headers.get('x-cache')).toBe('MISS');
      expect(await read(path)).toEqual({ status: 200, body: first.body, cache: 'HIT' });
    });

    it.each(['/places?sort=likes', '/places?q=초록'])('%s is read from the database again', async (path) => {
      await aPlace(t);
      await read(path);
      expect(await cacheOf(path)).toBe('BYPASS');
    });
  });

  describe('are never stale', () => {
    interface Fixtures {
      readonly place: PlaceBody;
      readonly review: ReviewBody;
      readonly owner: TestUser;
      readonly reader: TestUser;
      readonly author: TestUser;
    }
    type Write = (fixtures: Fixtures) => Promise<{ status: number }>;

    const like = (path: string, { token }: TestUser) => t.api.put(`${path}/like`, { token });
    const unlike = (path: string, { token }: TestUser) => t.api.delete(`${path}/like`, { token });
    const edit = ({ place, owner: { token } }: Fixtures, changes: object) =>
      t.api.patch(`/places/${place.id}`, changes, { token });
    const writeReview = (place: PlaceBody, { token }: TestUser) =>
      t.api.post(`/places/${place.id}/reviews`, { rating: 2, content: '그저 그래요' }, { token });
    const editReview = (review: ReviewBody, { token }: TestUser, changes: object) =>
      t.api.patch(`/reviews/${review.id}`, changes, { token });

    const writes: [string, Write][] = [
      ['creating a place', () => t.api.post('/places', newPlace(), { token: owner.token })],
      ['editing a place', (fixtures) => edit(fixtures, { name: aNickname() })],
      ['moving a place to another category', (fixtures) => edit(fixtures, { category: 'CAFE', district: '종로구' })],
      ['deleting a place', ({ place, owner: { token } }) => t.api.delete(`/places/${place.id}`, { token })],
      ['liking a place', ({ place, reader }) => like(`/places/${place.id}`, reader)],
      ['no longer liking a place', ({ place, author }) => unlike(`/places/${place.id}`, author)],
      ['bookmarking a place', ({ place, reader: { token } }) => t.api.put(`/places/${place.id}/bookmark`, { token })],
      ['writing a review', ({ place, reader }) => writeReview(place, reader)],
      ['editing a review', ({ review, author }) => editReview(review, author, { rating: 1, content: '다시 보니 별로' })],
      ['editing only the text of a review', ({ review, author }) => editReview(review, author, { content: '고침' })],
      ['deleting a review', ({ review }) => t.api.delete(`/reviews/${review.id}`, { token: admin.token })],
      ['liking a review', ({ review, reader }) => like(`/reviews/${review.id}`, reader)],
      ['no longer liking a review', ({ review, author }) => unlike(`/reviews/${review.id}`, author)],
      ['a rename of the author', ({ author }) => t.api.patch('/users/me', { nickname: aNickname() }, author)],
      ['a withdrawal of the author', ({ author: { token } }) => t.api.delete('/users/me', { token })],
      ['a withdrawal of the owner', ({ owner: { token } }) => t.api.delete('/users/me', { token })],
    ];

    /** A place that its author likes, with a review that its author likes. */
    const createFixtures = async (): Promise<Fixtures> => {
      const [owner, author, reader] = await Promise.all([aUser(t), aUser(t), aUser(t)]);
      const place = await aPlace(t, { owner });
      const review = await aReview(t, { place, author });
      await t.api.put(`/places/${place.id}/like`, { token: author.token });
      await t.api.put(`/reviews/${review.id}/like`, { token: author.token });
      return { place, review, owner, reader, author };
    };

    const pathsOf = ({ place, review }: Fixtures) => [
      `/places/${place.id}`,
      ...['latest', 'likes', 'rating', 'reviews'].map((sort) => `/places?limit=100&sort=${sort}`),
      '/places?category=ZERO_WASTE', '/places?category=CAFE&sort=rating', '/places?district=종로구', '/places?q=초록',
      ...['latest', 'likes', 'rating'].map((sort) => `/places/${place.id}/reviews?sort=${sort}`),
      `/reviews/${review.id}`, '/categories', '/districts',
    ];

    it.each(writes)('after %s', async (_name, write) => {
      const fixtures = await createFixtures();
      const readAll = (token?: string) => Promise.all(pathsOf(fixtures).map((path) => read(path, token)));
      // On a busy machine a reply of Redis may be too late for the value to be cached.
      await until(async () => (await readAll()).filter((response) => response.cache === 'HIT').length === 12);
      expect((await write(fixtures)).status).toBeLessThan(300);
      for (const token of [undefined, fixtures.reader.token]) {
        const now = (await readAll(token)).map(comparablePart);
        await cache.flushdb();
        expect((await readAll(token)).map(comparablePart)).toEqual(now);
      }
    });
  });

  it('contain no likes and bookmarks of a signed-in reader', async () => {
    const [fan, reader] = await users(t, 2);
    const place = await aPlace(t);
    const review = await aReview(t, { place });
    for (const path of [`/places/${place.id}/like`, `/places/${place.id}/bookmark`, `/reviews/${review.id}/like`]) {
      await t.api.put(path, { token: fan?.token });
    }
    const flags = async (token?: string) => {
      const [one, list, reviews] = await Promise.all([
        other.api.get<PlaceBody>(`/places/${place.id}`, { token }),
        other.api.get<PageBody<PlaceBody>>('/places?limit=1', { token }),
        other.api.get<PageBody<ReviewBody>>(`/places/${place.id}/reviews`, { token }),
      ]);
      return [one.body.viewer, list.body.items[0]?.viewer, reviews.body.items[0]?.viewer];
    };
    const marked = { liked: true, bookmarked: true };
    const unmarked = { liked: false, bookmarked: false };
    for (const _round of ['cold', 'hot']) {
      expect(await flags(fan?.token)).toEqual([marked, marked, { liked: true }]);
      expect(await flags(reader?.token)).toEqual([unmarked, unmarked, { liked: false }]);
      expect(await flags()).toEqual([undefined, undefined, undefined]);
    }
    expect(JSON.stringify(await Promise.all((await keys()).map((key) => cache.dump(key))))).not.toContain('viewer');
  });

  it('distinguish pages', async () => {
    for (let n = 0; n < 4; n += 1) await aPlace(t);
    const page1 = await read('/places?limit=2');
    const cursor = String((page1.body as unknown as PageBody<PlaceBody>).nextCursor);
    const page2 = await read(`/places?limit=2&cursor=${cursor}`);
    expect(page2.body).not.toEqual(page1.body);
    expect(await read('/places?limit=2')).toEqual({ ...page1, cache: 'HIT' });
    expect(await read(`/places?limit=2&cursor=${cursor}`)).toEqual({ ...page2, cache: 'HIT' });
  });

  it('are removed with a deleted place, whose reviews are answered 404', async () => {
    const place = await aPlace(t, { owner });
    await aReview(t, { place });
    await read(`/places/${place.id}/reviews`);
    expect(await cacheOf(`/places/${place.id}/reviews`)).toBe('HIT');
    await t.api.delete(`/places/${place.id}`, { token: owner.token });
    const { status, body } = await read(`/places/${place.id}/reviews`);
    expect([status, body['code']]).toEqual([404, 'PLACE_NOT_FOUND']);
  });

  it('show an edit immediately in lists and in detail', async () => {
    const place = await aPlace(t, { owner });
    await Promise.all([read('/places'), read(`/places/${place.id}`)]);
    await t.api.patch(`/places/${place.id}`, { name: `간판 교체 ${place.id}` }, { token: owner.token });
    expect((await read(`/places/${place.id}`)).body).toMatchObject({ name: `간판 교체 ${place.id}` });
    const { items } = (await read('/places')).body as unknown as PageBody<PlaceBody>;
    expect(items[0]).toMatchObject({ id: place.id, name: `간판 교체 ${place.id}` });
  });

  it('hide the author of reviews once the account is deleted', async () => {
    const author = await aUser(t);
    const { placeId } = await aReview(t, { author });
    await read(`/places/${placeId}/reviews`);
    await t.api.delete('/users/me', { token: author.token });
    const { items } = (await read(`/places/${placeId}/reviews`)).body as unknown as PageBody<ReviewBody>;
    expect(items).toMatchObject([{ author: null }]);
    expect(JSON.stringify(items)).not.toContain(author.nickname);
  });

  it('keep lists on a like and reload only the liked place', async () => {
    const [liked, untouched] = [await aPlace(t), await aPlace(t)];
    await Promise.all([read('/places?limit=2'), read('/places?limit=2&sort=rating')]);
    await t.api.put(`/places/${liked.id}/like`, { token: owner.token });
    const queries = await queriesOf(other, async () => {
      const { items } = (await read('/places?limit=2')).body as unknown as PageBody<PlaceBody>;
      expect(items.map(({ id, likeCount }) => [id, likeCount])).toEqual([[untouched.id, 0], [liked.id, 1]]);
    });
    expect(queries).toHaveLength(1);
    expect(queries[0]).not.toContain('ORDER BY');
    expect(await cacheOf('/places?limit=2&sort=rating')).toBe('HIT');
  });

  it.each([
    ['a list', '/places', ['/places?', '/places?limit=20', '/places?sort=latest', '/places?sort=latest&limit=20']],
    ['the order of parameters', '/places?category=CAFE&limit=5', ['/places?limit=5&category=CAFE']],
    ['case and spaces', '/places?category=CAFE', ['/places?category=cafe', '/places?category=%20Cafe']],
    ['composition', '/places?district=마포구', [`/places?district=${encodeURIComponent('마포구'.normalize('NFD'))}`]],
    ['spaces around a name', '/places?district=마포구', ['/places?district=%20마포구%20']],
  ])('are shared by equal queries in different spellings: %s', async (_name, path, spellings) => {
    await aPlace(t, { category: 'CAFE' });
    await read(path);
    const before = await keys();
    for (const spelling of spellings) expect([spelling, await cacheOf(spelling)]).toEqual([spelling, 'HIT']);
    expect(await keys()).toEqual(before);
  });

  it('share the reviews of a place with and without defaults', async () => {
    const { placeId } = await aReview(t);
    await read(`/places/${placeId}/reviews`);
    expect(await cacheOf(`/places/${placeId}/reviews?limit=20&sort=latest`)).toBe('HIT');
  });

  it('do not grow by endless pages, searches, forged cursors or missing places', async () => {
    const { placeId } = await aReview(t);
    await Promise.all([read('/places'), read(`/places/${placeId}/reviews`)]);
    const before = await keys();
    const statuses = new Set<number>();
    for (let n = 0; n < 20; n += 1) {
      for (const query of [`page=${n}`, `sort=x${n}`, `cursor=x${n}`, `q=말${n}`, `limit=${1_000 + n}`, `x${n}=1`]) {
        statuses.add((await read(`/places?${query}`)).status);
        statuses.add((await read(`/places/${placeId}/reviews?${query}`)).status);
      }
      statuses.add((await read(`/places/${1_000_000 + n}`)).status);
      statuses.add((await read(`/places/${1_000_000 + n}/reviews`)).status);
    }
    expect(statuses).toEqual(new Set([200, 400, 404]));
    expect(await keys()).toEqual(before);
  });

  it('load all missing places of a list with few queries', async () => {
    const listed = await Promise.all(Array.from({ length: 20 }, () => aPlace(t)));
    await read('/places');
    for (const { id } of listed.slice(0, 10)) await t.api.put(`/places/${id}/like`, { token: owner.token });
    const queries = await queriesOf(other, () => read('/places'));
    // One query, unless the replies of Redis arrive in several parts.
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.length).toBeLessThan(6);
  });
});

const aNickname = () => `새${Math.random().toString(36).slice(2, 12)}`;

/** Part of a response that does not differ between requests; problems have a request id. */
function comparablePart({ status, body }: { status: number; body: Record<string, unknown> }) {
  return status === 200 ? body : body['code'];
}

async function queriesOf({ app }: TestApp, work: () => Promise<unknown>): Promise<string[]> {
  const dataSource = app.get(DataSource);
  const queries: string[] = [];
  const { logger } = dataSource;
  dataSource.logger = { ...logger, logQuery: (sql: string) => void queries.push(sql) };
  await work();
  dataSource.logger = logger;
  return queries;
}
