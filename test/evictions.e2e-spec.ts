import { useApp } from './support/app.js';
import { aPlace, aReview, aUser, type PlaceBody, type ReviewBody, type TestUser } from './support/factories.js';
import { PrometheusText } from './support/prometheus-text.js';

const [CATEGORY, OTHER_CATEGORY] = ['ZERO_WASTE', 'VEGAN'];
const [DISTRICT, OTHER_DISTRICT] = ['마포구', '종로구'];
const OPENING_HOURS = { mon: [{ open: '10:00', close: '19:00' }], tue: [] };

const t = useApp();
let owner: TestUser;
let place: PlaceBody;

beforeEach(async () => {
  owner = await aUser(t);
  const more = { phone: '02-332-0000', homepage: 'https://chorok.example', openingHours: OPENING_HOURS };
  place = await aPlace(t, { owner, category: CATEGORY, district: DISTRICT, ...more });
});

type EvictionCounts = Readonly<Record<string, number>>;

/** Number of evictions so far, by `<cache>.<kind>`. */
async function countEvictions(): Promise<EvictionCounts> {
  const text = new PrometheusText((await t.api.get('//metrics')).text);
  const kinds = ['place', 'places', 'reviews'].flatMap((cache) => {
    return ['key', 'tag', 'all'].map((kind) => ({ cache, kind }));
  });
  return Object.fromEntries(kinds.map((labels) => [
    `${labels.cache}.${labels.kind}`, text.value('ecogreen_cache_evictions_total', labels) ?? 0,
  ]));
}

/** Evictions caused by `action`, without zeros. */
async function evictionsOf(action: () => Promise<unknown>): Promise<EvictionCounts> {
  const before = await countEvictions();
  await action();
  const after = Object.entries(await countEvictions());
  const grown = after.map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

async function succeed(call: Promise<{ status: number; text: string }>): Promise<void> {
  const { status, text } = await call;
  if (status >= 300) throw new Error(`answered ${status}: ${text}`);
}

const edit = (changes: object) => t.api.patch<PlaceBody>(`/places/${place.id}`, changes, { token: owner.token });
const outcomeOf = async (path: string) => (await t.api.get(path)).headers.get('x-cache');
/** Paths that are still served from the cache after `action`; requested in this order. */
async function cachedAfter(action: () => Promise<unknown>, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) {
    await t.api.get(path);
    expect([path, await outcomeOf(path)]).toEqual([path, 'HIT']);
  }
  await action();
  const cached: string[] = [];
  for (const path of paths) if ((await outcomeOf(path)) === 'HIT') cached.push(path);
  return cached;
}

describe('PATCH /places/{id}', () => {
  const UNCHANGED: [string, (place: PlaceBody) => object][] = [
    ['no field', () => ({})],
    ['every field as it is', ({ name, category, address, district }) => ({
      ...{ name, category, address, district, lat: 37.5636, lng: 126.9254, phone: '02-332-0000' },
      ...{ homepage: 'https://chorok.example', kakaoId: null, openingHours: OPENING_HOURS },
    })],
    ['the name decomposed, with white space around it', ({ name }) => ({ name: ` ${name.normalize('NFD')} ` })],
    ['opening hours in another order', () => ({
      openingHours: { tue: [], mon: [{ close: '19:00', open: '10:00' }] },
    })],
  ];

  it.each(UNCHANGED)('changes and evicts nothing with %s', async (_what, changesOf) => {
    const before = await t.api.get<PlaceBody>(`/places/${place.id}`, { token: owner.token });
    const evictions = await evictionsOf(async () => {
      const { status, body } = await edit(changesOf(place));
      expect([status, body.version, body.updatedAt]).toEqual([200, 1, place.updatedAt]);
    });
    expect(evictions).toEqual({});
    const after = await t.api.get<PlaceBody>(`/places/${place.id}`, { token: owner.token });
    expect(after.body).toEqual(before.body);
    expect(after.headers.get('x-cache')).toBe('HIT');
  });

  it('increments the version when one of several fields differs', async () => {
    const { body } = await edit({ name: place.name, description: '다른 설명' });
    expect([body.version, body.updatedAt > place.updatedAt]).toEqual([2, true]);
  });

  it('still checks If-Match and ownership without a change', async () => {
    const stranger = await aUser(t);
    const asStranger = await t.api.patch(`/places/${place.id}`, {}, { token: stranger.token });
    const headers = { 'if-match': '"7"' };
    const outdated = await t.api.patch(`/places/${place.id}`, {}, { token: owner.token, headers });
    expect([asStranger.status, outdated.status]).toEqual([403, 412]);
  });

  it.each([{ name: '새 이름' }, { description: '새 설명' }, { openingHours: null }, { lat: 37.5 }])(
    'evicts only the place when lists are unaffected: %j', async (changes) => {
      expect(await evictionsOf(() => succeed(edit(changes)))).toEqual({ 'place.key': 1 });
    },
  );

  it('evicts only the lists and counts that a changed category affects', async () => {
    const [stays, leaves, enters, elsewhere] = [
      [`/places?district=${encodeURIComponent(DISTRICT)}`, '/places?sort=rating', '/districts'],
      [`/places?category=${CATEGORY}`, `/places?category=${CATEGORY}&district=${encodeURIComponent(DISTRICT)}`],
      [`/places?category=${OTHER_CATEGORY}`],
      ['/places?category=REFILL', `/places?category=${CATEGORY}&district=${encodeURIComponent(OTHER_DISTRICT)}`],
    ] as [string[], string[], string[], string[]];
    // The place is evicted as well; read it again first, so that X-Cache shows the outcome of the list only.
    const evictions = await evictionsOf(() => succeed(edit({ category: OTHER_CATEGORY })));
    expect(evictions).toEqual({ 'place.key': 1, 'places.tag': 1 });
    await succeed(edit({ category: CATEGORY }));
    const lists = [...leaves, ...enters, ...elsewhere, ...stays];
    const ids = async (path: string) => ((await t.api.get<{ items?: { id: number }[] }>(path)).body.items ?? [])
      .map(({ id }) => id);
    for (const path of lists) await ids(path);
    await succeed(edit({ category: OTHER_CATEGORY }));
    await t.api.get(`/places/${place.id}`);
    const outcomes = new Map<string, string | null>();
    for (const path of lists) outcomes.set(path, await outcomeOf(path));
    const missed = [...outcomes].filter(([, outcome]) => outcome !== 'HIT').map(([path]) => path);
    expect(missed).toEqual([...leaves, ...enters]);
    for (const path of leaves) expect(await ids(path)).not.toContain(place.id);
    for (const path of enters) expect(await ids(path)).toContain(place.id);
  });

  it('updates the counts of categories immediately and keeps those of districts', async () => {
    const count = async () => {
      const { body } = await t.api.get<{ items: { code: string; placeCount: number }[] }>('/categories');
      return body.items.find(({ code }) => code === OTHER_CATEGORY)?.placeCount ?? -1;
    };
    const before = await count();
    await t.api.get('/districts');
    await succeed(edit({ category: OTHER_CATEGORY }));
    expect(await outcomeOf('/districts')).toBe('HIT');
    expect(await count()).toBe(before + 1);
  });
});

describe('POST /places and DELETE /places/{id}', () => {
  const elsewhere = [`/places?category=${OTHER_CATEGORY}`, `/places?district=${encodeURIComponent(OTHER_DISTRICT)}`];

  it('keep the lists that do not contain the place', async () => {
    const add = () => aPlace(t, { owner, category: CATEGORY, district: DISTRICT });
    expect(await cachedAfter(add, elsewhere)).toEqual(elsewhere);
    const remove = () => succeed(t.api.delete(`/places/${place.id}`, { token: owner.token }));
    expect(await cachedAfter(remove, elsewhere)).toEqual(elsewhere);
  });

  it.each([
    '', `?category=${CATEGORY}`, `?district=${DISTRICT}`, `?category=${CATEGORY}&district=${DISTRICT}&sort=reviews`,
  ])(
    'take effect immediately in the list %s', async (query) => {
      const path = encodeURI(`/places${query}${query === '' ? '?' : '&'}limit=100`);
      const has = async (id: number) => {
        const { body } = await t.api.get<{ items: { id: number }[] }>(path);
        return body.items.some((each) => each.id === id);
      };
      await t.api.get(path);
      const added = await aPlace(t, { owner, category: CATEGORY, district: DISTRICT });
      expect(await has(added.id)).toBe(true);
      await succeed(t.api.delete(`/places/${added.id}`, { token: owner.token }));
      expect(await has(added.id)).toBe(false);
    },
  );
});

describe('PUT and DELETE of likes and bookmarks', () => {
  it('evict nothing when repeated', async () => {
    const { token } = await aUser(t);
    const [path, review] = [`/places/${place.id}`, await aReview(t, { place })];
    expect(await evictionsOf(() => succeed(t.api.delete(`${path}/like`, { token })))).toEqual({});
    expect(await evictionsOf(() => succeed(t.api.put(`${path}/like`, { token })))).toEqual({ 'place.key': 1 });
    expect(await evictionsOf(() => succeed(t.api.put(`${path}/like`, { token })))).toEqual({});
    expect(await evictionsOf(() => succeed(t.api.put(`${path}/bookmark`, { token })))).toEqual({});
    const like = `/reviews/${review.id}/like`;
    expect(await evictionsOf(() => succeed(t.api.delete(like, { token })))).toEqual({});
    expect(await evictionsOf(() => succeed(t.api.put(like, { token })))).toEqual({ 'reviews.tag': 1 });
    expect(await evictionsOf(() => succeed(t.api.put(like, { token })))).toEqual({});
  });
});

describe('PATCH /reviews/{id}', () => {
  let author: TestUser;
  let review: ReviewBody;
  beforeEach(async () => {
    author = await aUser(t);
    review = await aReview(t, { author, place, rating: 4 });
  });
  const editReview = (changes: object) => t.api.patch(`/reviews/${review.id}`, changes, { token: author.token });

  it('changes and evicts nothing without a changed field', async () => {
    for (const changes of [{}, { rating: 4 }, { rating: 4, content: review.content }]) {
      expect(await evictionsOf(() => succeed(editReview(changes)))).toEqual({});
    }
    expect((await t.api.get(`/reviews/${review.id}`)).body).toEqual((await t.api.get(`/reviews/${review.id}`)).body);
  });

  it('evicts only the reviews of the place when only the content differs', async () => {
    const evictions = await evictionsOf(() => succeed(editReview({ rating: 4, content: '다른 내용' })));
    expect(evictions).toEqual({ 'reviews.tag': 1 });
    const { body } = await t.api.get<{ items: ReviewBody[] }>(`/places/${place.id}/reviews`);
    expect(body.items[0]?.content).toBe('다른 내용');
  });

  it('keeps lists by rating without the place and evicts those with it', async () => {
    const elsewhere = [`/places?category=${OTHER_CATEGORY}&sort=rating`];
    expect(await cachedAfter(() => succeed(editReview({ rating: 1 })), elsewhere)).toEqual(elsewhere);
    const best = await aPlace(t, { owner, category: 'CAFE', district: DISTRICT });
    const other = await aPlace(t, { owner, category: 'CAFE', district: DISTRICT });
    const opinion = await aReview(t, { author, place: best, rating: 5 });
    await aReview(t, { author, place: other, rating: 3 });
    const order = async () => {
      const { body } = await t.api.get<{ items: PlaceBody[] }>('/places?category=CAFE&sort=rating&limit=100');
      return body.items.map(({ id }) => id).filter((id) => id === best.id || id === other.id);
    };
    expect(await order()).toEqual([best.id, other.id]);
    await succeed(t.api.patch(`/reviews/${opinion.id}`, { rating: 1 }, { token: author.token }));
    expect(await order()).toEqual([other.id, best.id]);
  });
});

describe('PATCH /users/me', () => {
  it('evicts only the pages with reviews of the user, which show the new name', async () => {
    const [user, other] = [await aUser(t), await aPlace(t)];
    await aReview(t, { author: user, place });
    await aReview(t, { place: other });
    const [own, foreign] = [`/places/${place.id}/reviews`, `/places/${other.id}/reviews`];
    const nickname = `새${user.nickname}`;
    const rename = () => succeed(t.api.patch('/users/me', { nickname }, { token: user.token }));
    expect(await cachedAfter(rename, [own, foreign])).toEqual([foreign]);
    expect((await t.api.get<{ items: ReviewBody[] }>(own)).body.items[0]?.author?.nickname).toBe(nickname);
    expect(await evictionsOf(rename)).toEqual({});
  });

  it('evicts nothing for a user without reviews', async () => {
    const { token, nickname } = await aUser(t);
    const rename = () => succeed(t.api.patch('/users/me', { nickname: `새${nickname}` }, { token }));
    expect(await evictionsOf(rename)).toEqual({});
  });
});

describe('DELETE /users/me', () => {
  it('evicts only places the user owned or liked and pages with reviews written or liked', async () => {
    const user = await aUser(t);
    const [owned, liked, reviewed, likedReview, untouched] = [
      await aPlace(t, { owner: user }), await aPlace(t), await aPlace(t), await aPlace(t), await aPlace(t),
    ];
    await succeed(t.api.put(`/places/${liked.id}/like`, { token: user.token }));
    await aReview(t, { author: user, place: reviewed });
    const { id } = await aReview(t, { place: likedReview });
    await succeed(t.api.put(`/reviews/${id}/like`, { token: user.token }));
    await aReview(t, { place: untouched });
    const all = [owned, liked, reviewed, likedReview, untouched];
    const paths = all.flatMap((each) => [`/places/${each.id}`, `/places/${each.id}/reviews`]);
    const cached = await cachedAfter(() => succeed(t.api.delete('/users/me', { token: user.token })), paths);
    expect(paths.filter((path) => !cached.includes(path))).toEqual([
      `/places/${owned.id}`, `/places/${liked.id}`,
      `/places/${reviewed.id}/reviews`, `/places/${likedReview.id}/reviews`,
    ]);
    const [ownerNow, likesNow] = await Promise.all([owned, liked].map(async (each) => {
      return (await t.api.get<PlaceBody>(`/places/${each.id}`)).body;
    }));
    expect([ownerNow?.ownerId, likesNow?.likeCount]).toEqual([null, 0]);
    const signed = (await t.api.get<{ items: ReviewBody[] }>(`/places/${reviewed.id}/reviews`)).body.items[0];
    const likes = (await t.api.get<{ items: ReviewBody[] }>(`/places/${likedReview.id}/reviews`)).body.items[0];
    expect([signed?.author, likes?.likeCount]).toEqual([null, 0]);
  });

  it('evicts nothing for a user without places, reviews and likes', async () => {
    const { token } = await aUser(t);
    expect(await evictionsOf(() => succeed(t.api.delete('/users/me', { token })))).toEqual({});
  });
});
