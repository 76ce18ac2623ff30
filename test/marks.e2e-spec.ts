import type { ApiResponse } from './support/api.js';
import { useApp } from './support/app.js';
import { allPages, aPlace, aUser, users, type PlaceBody, type TestUser } from './support/factories.js';

describe.each(['like', 'bookmark'] as const)('PUT and DELETE /places/{id}/%s', (mark) => {
  const t = useApp({ env: { DATABASE_POOL_SIZE: '25' } });
  let user: TestUser;
  const shown = mark === 'like' ? 'liked' : 'bookmarked';

  beforeAll(async () => {
    user = await aUser(t);
  });

  const put = (id: number, { token } = user) => retryIfBusy(() => t.api.put(`/places/${id}/${mark}`, { token }));
  const remove = (id: number, { token } = user) => retryIfBusy(() => t.api.delete(`/places/${id}/${mark}`, { token }));
  const see = async (id: number, viewer?: TestUser) =>
    (await t.api.get<PlaceBody>(`/places/${id}`, { token: viewer?.token })).body;

  it('shows the mark to its user only, in the place and in lists', async () => {
    const { id } = await aPlace(t);
    expect((await put(id)).status).toBe(204);
    const marked = { liked: false, bookmarked: false, [shown]: true };
    expect((await see(id, user)).viewer).toEqual(marked);
    expect((await see(id, await aUser(t))).viewer).toEqual({ liked: false, bookmarked: false });
    expect(await see(id)).not.toHaveProperty('viewer');
    const [first] = await allPages<PlaceBody>(t, '/places', user.token);
    expect(first).toMatchObject({ id, viewer: marked });
  });

  it('is idempotent in both directions', async () => {
    const { id } = await aPlace(t);
    for (const expected of [1, 1]) {
      expect((await put(id)).status).toBe(204);
      expect((await see(id)).likeCount).toBe(mark === 'like' ? expected : 0);
    }
    for (const expected of [0, 0]) {
      expect((await remove(id)).status).toBe(204);
      expect((await see(id)).likeCount).toBe(expected);
    }
    expect((await see(id, user)).viewer).toEqual({ liked: false, bookmarked: false });
  });

  it('is correct under 50 concurrent calls', async () => {
    const { id } = await aPlace(t);
    const others = await users(t, 50);
    const atOnce = async (calls: ReturnType<typeof put>[], likeCount: number) => {
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 204));
      expect((await see(id)).likeCount).toBe(mark === 'like' ? likeCount : 0);
    };
    await atOnce(others.map((each) => put(id, each)), 50);
    await atOnce(others.map(() => put(id)), 51);
    await atOnce(others.slice(0, 25).flatMap((each) => [remove(id, each), remove(id, each)]), 26);
    await atOnce(others.map((each, at) => (at < 25 ? put(id, each) : remove(id, each))), 26);
    expect((await see(id, user)).viewer?.[shown]).toBe(true);
  });

  it('requires a user and a place', async () => {
    const { id } = await aPlace(t);
    for (const method of ['PUT', 'DELETE']) {
      const anonymous = await t.api.call<{ code: string }>(method, `/places/${id}/${mark}`);
      expect([anonymous.status, anonymous.body.code]).toEqual([401, 'ACCESS_TOKEN_MISSING']);
      const nowhere = await t.api.call<{ code: string }>(method, `/places/2147483647/${mark}`, { token: user.token });
      expect([nowhere.status, nowhere.body.code]).toEqual([404, 'PLACE_NOT_FOUND']);
    }
  });

  it('adds the place to the list of the user, latest first', async () => {
    const collector = await aUser(t);
    const places: PlaceBody[] = [];
    for (let n = 0; n < 5; n += 1) places.push(await aPlace(t));
    for (const at of [2, 0, 4, 1]) await put(places[at]?.id ?? 0, collector);
    await remove(places[0]?.id ?? 0, collector);
    const path = `/users/me/${mark}s?limit=2`;
    const listed = await allPages<PlaceBody>(t, path, collector.token);
    expect(listed.map(({ id }) => id)).toEqual([1, 4, 2].map((at) => places[at]?.id));
    expect(listed.every(({ viewer }) => viewer?.[shown])).toBe(true);
    expect((await t.api.get(path, { token: (await aUser(t)).token })).body).toEqual({ items: [], nextCursor: null });
    expect((await t.api.get(path)).status).toBe(401);
  });

  it('is deleted with the place', async () => {
    const owner = await aUser(t);
    const { id } = await aPlace(t, { owner });
    await put(id, owner);
    await t.api.delete(`/places/${id}`, { token: owner.token });
    const { body } = await t.api.get(`/users/me/${mark}s`, { token: owner.token });
    expect(body).toEqual({ items: [], nextCursor: null });
  });

  it('is deleted with the user', async () => {
    const leaver = await aUser(t);
    const { id } = await aPlace(t);
    await put(id, leaver);
    await put(id);
    await see(id);
    expect((await t.api.delete('/users/me', { token: leaver.token })).status).toBe(204);
    expect((await see(id)).likeCount).toBe(mark === 'like' ? 1 : 0);
  });
});

/** Repeats a request, which is idempotent, while a server is too busy to respond in time. */
async function retryIfBusy(call: () => Promise<ApiResponse>): Promise<ApiResponse> {
  let response = await call();
  while (response.status === 503) response = await call();
  return response;
}
