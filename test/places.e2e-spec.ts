import { useApp } from './support/app.js';
import { aPlace, aReview, aUser, newPlace, type PlaceBody, type TestUser } from './support/factories.js';
import { expectProblem } from './support/problems.js';

const SPAN = { open: '10:00', close: '11:00' };

describe('places', () => {
  const t = useApp();
  let owner: TestUser;
  let stranger: TestUser;
  let admin: TestUser;

  beforeAll(async () => {
    [owner, stranger, admin] = await Promise.all([aUser(t), aUser(t), aUser(t, { role: 'admin' })]);
  });

  describe('POST /places', () => {
    it('returns the created place with owner and Location', async () => {
      const contact = { phone: '02-332-0000', homepage: 'https://chorok.example', kakaoId: '1456789012' };
      const fields = newPlace(contact);
      const openingHours = { mon: [], tue: [{ open: '10:30', close: '20:00' }] };
      const sent = { ...fields, openingHours };
      const { status, headers, body } = await t.api.post('/places', sent, { token: owner.token });
      expect(status).toBe(201);
      expect(headers.get('location')).toBe(`/api/v1/places/${String(body['id'])}`);
      expect(body).toEqual({
        id: expect.any(Number),
        ...fields,
        openingHours: { ...openingHours, wed: [], thu: [], fri: [], sat: [], sun: [] },
        photos: [],
        likeCount: 0,
        reviewCount: 0,
        rating: 0,
        ownerId: owner.id,
        version: 1,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updatedAt: body['createdAt'],
        viewer: { liked: false, bookmarked: false },
      });
    });

    it('defaults absent fields to null', async () => {
      const place = await aPlace(t);
      expect(place).toMatchObject({ phone: null, homepage: null, kakaoId: null, openingHours: null });
    });

    it('trims texts and composes Hangul', async () => {
      const place = await aPlace(t, { name: '  한글 가게  '.normalize('NFD') });
      expect(place.name).toBe('한글 가게');
    });

    it('requires a user', async () => {
      expectProblem(await t.api.post('/places', newPlace()), 401, 'ACCESS_TOKEN_MISSING');
    });

    it.each([
      ['a name of spaces', { name: '   ' }, '#/name'],
      ['a name of 101 characters', { name: '가'.repeat(101) }, '#/name'],
      ['an unknown category', { category: 'CASINO' }, '#/category'],
      ['an unknown district', { district: '해운대구' }, '#/district'],
      ['a latitude outside Seoul', { lat: 35.1 }, '#/lat'],
      ['a longitude that is a text', { lng: '126.9' }, '#/lng'],
      ['no description', { description: undefined }, '#/description'],
      ['a script as homepage', { homepage: 'javascript:alert(1)' }, '#/homepage'],
      ['a homepage with a password', { homepage: 'https://a:b@chorok.example' }, '#/homepage'],
      ['a phone number in words', { phone: '공이-삼삼이' }, '#/phone'],
      ['a kakaoId that is no number', { kakaoId: '12a' }, '#/kakaoId'],
      ['opening hours that are a list', { openingHours: [] }, '#/openingHours'],
      ['an opening time of 25:00', openOn('mon', { open: '25:00', close: '26:00' }), '#/openingHours/mon/0/open'],
      ['four spans a day', openOn('sun', SPAN, SPAN, SPAN, SPAN), '#/openingHours/sun'],
      ['a span that is a list', openOn('sat', []), '#/openingHours/sat'],
      ['an owner', { ownerId: '00000000-0000-4000-8000-000000000000' }, '#/ownerId'],
      ['a version', { version: 7 }, '#/version'],
      ['counters', { likeCount: 99 }, '#/likeCount'],
    ])('rejects %s', async (_name, fields, pointer) => {
      const response = await t.api.post('/places', newPlace(fields), { token: owner.token });
      expectProblem(response, 400, 'VALIDATION_FAILED');
      const pointers = (response.body['errors'] as { pointer: string }[]).map((error) => error.pointer);
      expect(pointers.some((each) => each.startsWith(pointer))).toBe(true);
    });

    it('rejects a name that is too long only by its emoji selectors', async () => {
      const fields = newPlace({ name: '가\uFE0F'.repeat(60) });
      const response = await t.api.post('/places', fields, { token: owner.token });
      expectProblem(response, 400, 'VALIDATION_FAILED');
    });

    it.each([
      ['as it is', (name: string) => name],
      ['in other case and with other spaces', (name: string) => `  ${name.toUpperCase().replaceAll(' ', '  ')} `],
      ['decomposed', (name: string) => name.normalize('NFD')],
    ])('rejects a name that exists at the address, written %s', async (_name, spell) => {
      const fields = newPlace({ name: `가게 a ${Math.random()}` });
      await aPlace(t, fields);
      const again = { ...fields, name: spell(fields.name), address: spell(fields.address) };
      expectProblem(await t.api.post('/places', again, { token: stranger.token }), 409, 'PLACE_ALREADY_EXISTS');
    });

    it('rejects a kakaoId of another place', async () => {
      await aPlace(t, { kakaoId: '77' });
      const again = await t.api.post('/places', newPlace({ kakaoId: '77' }), { token: owner.token });
      expectProblem(again, 409, 'PLACE_ALREADY_EXISTS');
    });

    it('accepts exactly one of 20 concurrent duplicates', async () => {
      const fields = newPlace();
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => t.api.post('/places', fields, { token: owner.token })),
      );
      const statuses = responses.map(({ status }) => status).sort();
      expect(statuses).toEqual([201, ...Array<number>(19).fill(409)]);
    });
  });

  describe('GET /places/{id}', () => {
    it('has no viewer field for anonymous callers', async () => {
      const { id } = await aPlace(t);
      const { status, body } = await t.api.get(`/places/${id}`);
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('viewer');
    });

    it('answers 404 for an unknown place', async () => {
      expectProblem(await t.api.get('/places/2147483647'), 404, 'PLACE_NOT_FOUND');
    });

    it.each(['0', '-1', '1.5', '01', '2147483648', 'abc', '%20', '1%00'])('answers 400 for the id %s', async (id) => {
      expect((await t.api.get(`/places/${id}`)).status).toBe(400);
    });

    it('answers 304 for a matching ETag', async () => {
      const { id } = await aPlace(t);
      const etag = (await t.api.get(`/places/${id}`)).headers.get('etag') ?? '';
      expect(etag).toMatch(/^"1-/);
      expect((await t.api.get(`/places/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    });
  });

  describe('PATCH /places/{id}', () => {
    const patch = (id: number, changes: unknown, user: TestUser, headers: Record<string, string> = {}) =>
      t.api.patch<PlaceBody & Record<string, unknown>>(`/places/${id}`, changes, { token: user.token, headers });

    it('changes only the given fields and increments the version', async () => {
      const before = await aPlace(t, { owner, phone: '02-332-0000' });
      const { status, body } = await patch(before.id, { description: '새 설명', phone: null }, owner);
      expect(status).toBe(200);
      expect(body).toEqual({ ...before, description: '새 설명', phone: null, version: 2, updatedAt: body.updatedAt });
      expect(Date.parse(body.updatedAt)).toBeGreaterThanOrEqual(Date.parse(before.updatedAt));
    });

    it('keeps the version without a change', async () => {
      const { id } = await aPlace(t, { owner });
      expect((await patch(id, {}, owner)).body).toMatchObject({ version: 1 });
    });

    it('requires the owner or an admin', async () => {
      const { id } = await aPlace(t, { owner });
      expectProblem(await patch(id, { name: 'x' }, stranger), 403, 'FORBIDDEN');
      expectProblem(await t.api.patch(`/places/${id}`, { name: 'x' }), 401, 'ACCESS_TOKEN_MISSING');
      const { body } = await patch(id, { category: 'CAFE' }, admin);
      expect(body).toMatchObject({ category: 'CAFE', ownerId: owner.id });
    });

    it('hides the version from other users', async () => {
      const { id } = await aPlace(t, { owner });
      expectProblem(await patch(id, {}, stranger, { 'if-match': '"99"' }), 403, 'FORBIDDEN');
    });

    it('answers 404 for an unknown place', async () => {
      expectProblem(await patch(2_147_483_647, {}, owner), 404, 'PLACE_NOT_FOUND');
    });

    it.each([{ name: null }, { lat: null }, { ownerId: null }, { version: 3 }, { rating: 5 }, { id: 1 }, { name: '' }])(
      'rejects %j',
      async (changes) => {
        const { id } = await aPlace(t, { owner });
        expectProblem(await patch(id, changes, owner), 400, 'VALIDATION_FAILED');
      },
    );

    it('rejects the name and address of another place', async () => {
      const [one, other] = [await aPlace(t, { owner }), await aPlace(t, { owner })];
      const changes = { name: other.name, address: other.address };
      expectProblem(await patch(one.id, changes, owner), 409, 'PLACE_ALREADY_EXISTS');
    });

    it.each([
      ['the version', () => '"1"'],
      ['several versions', () => '"7", "1"'],
      ['a weak tag', () => 'W/"1"'],
      ['anything', () => '*'],
      ['the ETag of a read', async (id: number) => (await t.api.get(`/places/${id}`)).headers.get('etag') ?? ''],
    ])('accepts %s as If-Match', async (_name, ifMatch) => {
      const { id } = await aPlace(t, { owner });
      expect((await patch(id, { name: `새 이름 ${id}` }, owner, { 'if-match': await ifMatch(id) })).status).toBe(200);
    });

    it.each([
      ...(['"2"', '"0"', '"x"', 'W/"2"'] as const).map((ifMatch) => [ifMatch, 412, 'VERSION_MISMATCH'] as const),
      ...(['1', 'W/1', ''] as const).map((ifMatch) => [ifMatch, 400, 'INVALID_IF_MATCH'] as const),
    ])('rejects %j as If-Match of version 1', async (ifMatch, status, code) => {
      const { id } = await aPlace(t, { owner });
      expectProblem(await patch(id, { name: 'x' }, owner, { 'if-match': ifMatch }), status, code);
    });

    it('accepts one of 10 concurrent edits of the same version', async () => {
      const { id } = await aPlace(t, { owner });
      const responses = await Promise.all(
        Array.from({ length: 10 }, (_, at) => patch(id, { description: `${at}` }, owner, { 'if-match': '"1"' })),
      );
      expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)]);
      expect((await t.api.get(`/places/${id}`)).body).toMatchObject({ version: 2 });
    });

    it('keeps the version on likes and reviews', async () => {
      const place = await aPlace(t);
      await t.api.put(`/places/${place.id}/like`, { token: stranger.token });
      await aReview(t, { place });
      const { body } = await t.api.get(`/places/${place.id}`);
      expect(body).toMatchObject({ version: 1, updatedAt: place.updatedAt, likeCount: 1, reviewCount: 1 });
    });
  });

  describe('DELETE /places/{id}', () => {
    const remove = (id: number, user: TestUser, headers: Record<string, string> = {}) =>
      t.api.delete(`/places/${id}`, { token: user.token, headers });

    it('requires the owner or an admin', async () => {
      const { id } = await aPlace(t, { owner });
      expectProblem(await remove(id, stranger), 403, 'FORBIDDEN');
      expect((await remove(id, owner)).status).toBe(204);
      expect((await remove((await aPlace(t, { owner })).id, admin)).status).toBe(204);
      expectProblem(await remove(id, owner), 404, 'PLACE_NOT_FOUND');
      expectProblem(await t.api.get(`/places/${id}`), 404, 'PLACE_NOT_FOUND');
    });

    it('honours If-Match', async () => {
      const { id } = await aPlace(t, { owner });
      expectProblem(await remove(id, owner, { 'if-match': '"2"' }), 412, 'VERSION_MISMATCH');
      expect((await remove(id, owner, { 'if-match': '"1"' })).status).toBe(204);
    });

    it('frees the name and the kakaoId', async () => {
      const fields = newPlace({ kakaoId: '4242' });
      await remove((await aPlace(t, { owner, ...fields })).id, owner);
      await expect(aPlace(t, fields)).resolves.toMatchObject({ kakaoId: '4242' });
    });
  });

  it('belong to admins only after the account of the owner is deleted', async () => {
    const leaver = await aUser(t);
    const { id } = await aPlace(t, { owner: leaver });
    await t.api.get(`/places/${id}`);
    expect((await t.api.delete('/users/me', { token: leaver.token })).status).toBe(204);
    expect((await t.api.get(`/places/${id}`)).body).toMatchObject({ ownerId: null });
    expectProblem(await t.api.patch(`/places/${id}`, { lat: 37.5 }, { token: stranger.token }), 403, 'FORBIDDEN');
    expect((await t.api.patch(`/places/${id}`, { lat: 37.5 }, { token: admin.token })).status).toBe(200);
  });
});

function openOn(day: string, ...spans: object[]) {
  return { openingHours: { [day]: spans } };
}
