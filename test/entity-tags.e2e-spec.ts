import { useApp } from './support/app.js';
import { aPlace, aUser, type PlaceBody, type TestUser } from './support/factories.js';

describe('entity tags', () => {
  const t = useApp();
  let owner: TestUser;
  let place: PlaceBody;

  beforeAll(async () => {
    owner = await aUser(t);
  });
  beforeEach(async () => {
    place = await aPlace(t, { owner });
  });

  const path = () => `/places/${place.id}`;
  const tagOf = async (token?: string) => (await t.api.get(path(), { token })).headers.get('etag') ?? '';
  const revalidate = (etag: string, token?: string) =>
    t.api.get(path(), { token, headers: { 'if-none-match': etag } });

  it('lead to 304 without a body while nothing has changed', async () => {
    const etag = await tagOf();
    expect(await revalidate(etag)).toMatchObject({ status: 304, text: '' });
    expect(await revalidate(`"other", W/${etag}`)).toMatchObject({ status: 304 });
    expect(await revalidate('"other"')).toMatchObject({ status: 200 });
  });

  it('change with an edit, a like and a review', async () => {
    const seen = [await tagOf()];
    await t.api.patch(path(), { description: '새 소개' }, owner);
    seen.push(await tagOf());
    await t.api.put(`${path()}/like`, owner);
    seen.push(await tagOf());
    await t.api.post(`${path()}/reviews`, { rating: 4, content: '좋아요' }, owner);
    seen.push(await tagOf());
    expect(new Set(seen).size).toBe(4);
    expect((await Promise.all(seen.slice(0, 3).map((each) => revalidate(each)))).map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
  });

  it('of one caller never match for another', async () => {
    await t.api.put(`${path()}/like`, owner);
    const own = await tagOf(owner.token);
    expect(await revalidate(own, owner.token)).toMatchObject({ status: 304 });
    expect(await revalidate(own)).toMatchObject({ status: 200 });
    expect((await t.api.get(path())).headers.get('cache-control')).toBe('private, no-cache');
  });

  it('are accepted as If-Match, also after a like', async () => {
    const etag = await tagOf();
    await t.api.put(`${path()}/like`, owner);
    const edit = (description: string, match: string) =>
      t.api.patch(path(), { description }, { ...owner, headers: { 'if-match': match } });
    expect(await edit('하나', etag)).toMatchObject({ status: 200, body: { version: place.version + 1 } });
    expect(await edit('둘', etag)).toMatchObject({ status: 412, body: { code: 'VERSION_MISMATCH' } });
  });

  it('match after a proxy changed them by compression', async () => {
    const etag = await tagOf();
    const codings = ['-gzip', '--gzip', ';gzip', '-br'];
    const changed = [`W/${etag}`, ...codings.map((coding) => etag.replace(/"$/, `${coding}"`))];
    for (const each of changed) expect(await revalidate(each)).toMatchObject({ status: 304, text: '' });
    expect(await revalidate(etag.slice(1, -1))).toMatchObject({ status: 200 });
    for (const [count, each] of changed.entries()) {
      const headers = { 'if-match': each };
      const edit = await t.api.patch(path(), { description: `${count}번째` }, { ...owner, headers });
      expect([each, edit.status]).toEqual([each, count === 0 ? 200 : 412]);
      if (count > 0) continue;
      expect(edit.body['version']).toBe(place.version + 1);
    }
  });

  it('need quotes in If-Match', async () => {
    const headers = { 'if-match': String(place.version) };
    const refused = { status: 400, body: { code: 'INVALID_IF_MATCH' } };
    expect(await t.api.patch(path(), { description: '하나' }, { ...owner, headers })).toMatchObject(refused);
    expect(await t.api.delete(path(), { ...owner, headers })).toMatchObject(refused);
    expect((await t.api.get(path())).body['version']).toBe(place.version);
  });

  it('are sent with lists and HEAD responses', async () => {
    const list = await t.api.get('/places');
    const head = await t.api.call('HEAD', '/places');
    expect(head.headers.get('etag')).toBe(list.headers.get('etag'));
    expect(head.text).toBe('');
  });

  it('are not sent with errors', async () => {
    expect((await t.api.get('/places/999999')).headers.has('etag')).toBe(false);
  });
});
