import { useApp } from './support/app.js';
import { allPages, aPlace, aReview, aUser, type PageBody, type PlaceBody } from './support/factories.js';

describe('GET /places', () => {
  const t = useApp();
  let places: PlaceBody[];

  // 30 places in two categories and three districts, with different and with equal numbers of likes and ratings.
  beforeAll(async () => {
    const fans = await Promise.all(Array.from({ length: 4 }, () => aUser(t)));
    for (let n = 0; n < 30; n += 1) {
      const place = await aPlace(t, {
        category: n % 2 === 0 ? 'CAFE' : 'VEGAN',
        district: ['마포구', '종로구', '강남구'][n % 3],
        name: `${n % 5 === 0 ? '리필' : '그린'} 가게 ${n}`,
        address: `서울 길 ${n}`,
      });
      for (const [at, user] of fans.entries()) {
        if ((n + at) % 3 === 0) await t.api.put(`/places/${place.id}/like`, { token: user.token });
        if ((n * 7 + at) % 4 === 0) await aReview(t, { place, author: user, rating: 1 + ((n + at) % 5) });
      }
    }
    places = await allPages<PlaceBody>(t, '/places?limit=100');
  });

  const keys = {
    latest: (place: PlaceBody) => [Date.parse(place.createdAt), place.id],
    likes: (place: PlaceBody) => [place.likeCount, place.id],
    rating: (place: PlaceBody) => [place.rating, place.id],
    reviews: (place: PlaceBody) => [place.reviewCount, place.id],
  };
  const downwards = (key: (place: PlaceBody) => number[]) => (one: PlaceBody, other: PlaceBody) => {
    const [[a = 0, b = 0], [c = 0, d = 0]] = [key(one), key(other)];
    return c - a || d - b;
  };

  describe.each(Object.entries(keys))('sorted by %s', (sort, key) => {
    it.each(['', '&category=CAFE', '&district=종로구', '&category=VEGAN&district=강남구', '&q=리필'])(
      'pages completely and in order with %j',
      async (filter) => {
        const expected = places
          .filter(({ category }) => !filter.includes('category') || filter.includes(category))
          .filter(({ district }) => !filter.includes('district') || filter.includes(district))
          .filter(({ name }) => !filter.includes('q=') || name.includes('리필'))
          .sort(downwards(key));
        expect(expected.length).toBeGreaterThan(4);
        const listed = await allPages<PlaceBody>(t, `/places?sort=${sort}${filter}&limit=4`);
        expect(listed.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      },
    );
  });

  it('returns 20 per page, newest first, by default', async () => {
    const { body } = await t.api.get<PageBody<PlaceBody>>('/places');
    expect(body.items).toEqual([...places].sort(downwards(keys.latest)).slice(0, 20));
    expect(body.nextCursor).toEqual(expect.any(String));
  });

  it('ends with a null cursor, also after an exactly full page', async () => {
    expect((await t.api.get('/places?limit=30')).body['nextCursor']).toBeNull();
    expect((await t.api.get('/places?district=마포구&limit=10')).body['nextCursor']).toBeNull();
    expect((await t.api.get('/places?district=도봉구')).body).toEqual({ items: [], nextCursor: null });
  });

  it('skips and repeats nothing when places change between two pages', async () => {
    const first = (await t.api.get<PageBody<PlaceBody>>('/places?limit=10')).body;
    const admin = await aUser(t, { role: 'admin' });
    const added = await aPlace(t);
    const second = (await t.api.get<PageBody<PlaceBody>>(`/places?limit=10&cursor=${first.nextCursor ?? ''}`)).body;
    const inOrder = [...places].sort(downwards(keys.latest)).map(({ id }) => id);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(inOrder.slice(0, 20));
    await t.api.delete(`/places/${added.id}`, { token: admin.token });
  });

  it.each([
    'limit=0', 'limit=101', 'limit=x', 'limit=1.5', 'sort=name', 'sort=LATEST', 'category=CASINO', 'category=',
    'district=부산', 'q=', 'q=%20', `q=${'가'.repeat(51)}`, 'cursor=', 'cursor=x', 'page=2',
    'near=37.5,126.9', 'openNow=true',
  ])('rejects %s', async (query) => {
    expect((await t.api.get(`/places?${query}`)).status).toBe(400);
  });

  it('rejects a cursor of another list, sort or filter, and an altered one', async () => {
    const { nextCursor } = (await t.api.get<PageBody<PlaceBody>>('/places?limit=2')).body;
    const cursor = nextCursor ?? '';
    for (const query of ['sort=likes', 'category=CAFE', 'district=마포구', 'q=가게']) {
      const response = await t.api.get(`/places?${query}&cursor=${cursor}`);
      expect({ status: response.status, code: response.body['code'] }).toEqual({ status: 400, code: 'INVALID_CURSOR' });
    }
    expect((await t.api.get(`/places?cursor=${cursor.slice(0, -1)}`)).body['code']).toBe('INVALID_CURSOR');
    const { token } = await aUser(t);
    expect((await t.api.get(`/users/me/likes?cursor=${cursor}`, { token })).body['code']).toBe('INVALID_CURSOR');
    expect((await t.api.get(`/places?limit=7&cursor=${cursor}`)).status).toBe(200);
  });

  it('counts places by category, with names in the language of the caller', async () => {
    const { body } = await t.api.get<{ items: unknown[] }>('/categories', { headers: { 'accept-language': 'ko' } });
    expect(body.items).toHaveLength(6);
    expect(body.items).toContainEqual({ code: 'CAFE', name: '친환경 카페', placeCount: 15 });
    expect(body.items).toContainEqual({ code: 'REFILL', name: '리필 스테이션', placeCount: 0 });
    const english = await t.api.get<{ items: unknown[] }>('/categories');
    expect(english.body.items).toContainEqual({ code: 'CAFE', name: 'Café', placeCount: 15 });
  });

  it('counts places by district', async () => {
    const { body } = await t.api.get<{ items: unknown[] }>('/districts');
    expect(body.items).toHaveLength(25);
    expect(body.items).toContainEqual({ code: '11440', name: '마포구', placeCount: 10 });
    expect(body.items).toContainEqual({ code: '11320', name: '도봉구', placeCount: 0 });
  });
});

describe('GET /places?q=', () => {
  const t = useApp();

  beforeAll(async () => {
    const owner = await aUser(t);
    await aPlace(t, { owner, name: '더 피커', address: '서울 성동구 왕십리로 115', description: 'Zero Waste 곡물 100%' });
    await aPlace(t, { owner, name: '알맹상점', address: '서울 마포구 월드컵로 49', description: '세제_리필과 비누' });
    await aPlace(t, { owner, name: 'İSTANBUL 케밥', address: '부산​빌딩 １０１호', description: 'Ｖｅｇａｎ Ⅷ㎏' });
    await aPlace(t, { owner, name: 'Café Verde', address: '서울 종로구 자하문로 7', description: '비건 케이크\n두유 라떼' });
  });

  const find = async (q: string) => {
    const { status, body } = await t.api.get<PageBody<PlaceBody>>(`/places?q=${encodeURIComponent(q)}`);
    return status === 200 ? body.items.map(({ name }) => name) : status;
  };

  it.each([
    ['a whole name', '알맹상점', ['알맹상점']],
    ['one syllable', '맹', ['알맹상점']],
    ['two syllables', '상점', ['알맹상점']],
    ['the middle of a word', '맹상', ['알맹상점']],
    ['a part of the address', '자하문', ['Café Verde']],
    ['a part of the description', '곡물', ['더 피커']],
    ['a word after a line break', '라떼', ['Café Verde']],
    ['upper for lower case', 'ZERO waste', ['더 피커']],
    ['letters with accents', 'CAFÉ', ['Café Verde']],
    ['decomposed Hangul', '알맹'.normalize('NFD'), ['알맹상점']],
    ['words of different fields in any order', '리필 마포 알맹', ['알맹상점']],
    ['words that do not all occur', '알맹 종로', []],
    ['letters that occur apart but not together', '상맹', []],
    ['letter pairs that occur in different words only', '세제리', []],
    ['its own name with a dotted capital I', 'İSTANBUL 케밥', ['İSTANBUL 케밥']],
    ['a dotted capital I in lower case', 'İSTANBUL'.toLowerCase(), ['İSTANBUL 케밥']],
    ['a dotted capital I without its dot', 'istanbul', ['İSTANBUL 케밥']],
    ['a dotless small i', 'ıstanbul', ['İSTANBUL 케밥']],
    ['full-width for half-width letters', 'ＺＥＲＯ　ｗａｓｔｅ', ['더 피커']],
    ['half-width for full-width letters', 'vegan 101호', ['İSTANBUL 케밥']],
    ['letters for one sign of them', 'viii kg', ['İSTANBUL 케밥']],
    ['a zero-width space in the search', '알​맹⁠상점', ['알맹상점']],
    ['a zero-width space in the text', '부산빌딩', ['İSTANBUL 케밥']],
    ['a Hangul filler in the search', '더ㅤ 피커', ['더 피커']],
    ['a word of hidden characters beside another', '알맹 ​', ['알맹상점']],
    ['a word of all places', '서울', ['Café Verde', '알맹상점', '더 피커']],
    ['a per cent sign as itself', '100%', ['더 피커']],
    ['a single per cent sign as itself', '%', ['더 피커']],
    ['an underscore as itself', '세제_', ['알맹상점']],
    ['a backslash as itself', '\\', []],
    ['quotes and operators as themselves', `') OR 1=1 --`, []],
    ['an absent emoji', '🌱', []],
  ])('finds by %s', async (_name, q, expected) => {
    expect(await find(q)).toEqual(expected);
  });

  it('finds a place by its current name only', async () => {
    const owner = await aUser(t);
    const place = await aPlace(t, { owner, name: '옛이름' });
    await t.api.patch(`/places/${place.id}`, { name: '새간판' }, { token: owner.token });
    expect(await find('새간판')).toEqual(['새간판']);
    expect(await find('옛이름')).toEqual([]);
    await t.api.delete(`/places/${place.id}`, { token: owner.token });
    expect(await find('새간판')).toEqual([]);
  });
});
