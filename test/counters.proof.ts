import { DataSource } from 'typeorm';
import { useApp } from './support/app.js';
import { allPages, aPlace, aReview, aUser, newPlace, users, type PlaceBody, type TestUser } from './support/factories.js';
import { untilBlocking } from './support/blocked-sessions.js';
import { SEED, seededRandom } from './support/seeded-random.js';

const OPERATIONS = 600;
const AT_ONCE = 12;

/** Places whose counters differ from the counted rows. */
const WRONG_PLACES = `
  SELECT * FROM (
    SELECT id, like_count, review_count, rating_sum, rating::text,
      (SELECT count(*) FROM place_like WHERE place_id = place.id) AS likes,
      (SELECT count(*) FROM review WHERE place_id = place.id) AS reviews,
      (SELECT coalesce(sum(rating), 0) FROM review WHERE place_id = place.id) AS stars,
      (SELECT coalesce(round(avg(rating), 2), 0)::numeric(3, 2)::text FROM review WHERE place_id = place.id) AS mean
    FROM place
  ) AS counted
  WHERE (like_count, review_count, rating_sum, rating) IS DISTINCT FROM (likes, reviews, stars, mean)
`;
const WRONG_REVIEWS = `
  SELECT id FROM review WHERE like_count <> (SELECT count(*) FROM review_like WHERE review_id = review.id)
`;

describe(`counters after a random mix of writes (SEED=${SEED})`, () => {
  const t = useApp();
  let admin: TestUser;
  let members: TestUser[];
  const placeIds: number[] = [];
  const reviewIds: number[] = [];
  const authors = new Map<number, TestUser>();
  const random = seededRandom(SEED);
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;

  beforeAll(async () => {
    admin = await aUser(t, { role: 'admin' });
    members = await users(t, 16);
    for (let n = 0; n < 5; n += 1) placeIds.push((await aPlace(t, { owner: pick(members) })).id);
    for (const id of placeIds) reviewIds.push((await aReview(t, { place: { id } })).id);
  });

  const collectId = (ids: number[]) => (response: { status: number; body: { id: number } }) => {
    if (response.status === 201) ids.push(response.body.id);
    return response;
  };
  const write = (path: string, body: object, user: TestUser) => t.api.post<{ id: number }>(path, body, user);
  const writes: readonly [weight: number, call: (user: TestUser) => Promise<{ status: number }>][] = [
    [12, (user) => t.api.put(`/places/${pick(placeIds)}/like`, user)],
    [8, (user) => t.api.delete(`/places/${pick(placeIds)}/like`, user)],
    [3, (user) => t.api.put(`/places/${pick(placeIds)}/bookmark`, user)],
    [12, (user) => writeReview(user)],
    [8, () => editReview(pick(reviewIds))],
    [4, () => t.api.delete(`/reviews/${pick(reviewIds)}`, admin)],
    [10, (user) => t.api.put(`/reviews/${pick(reviewIds)}/like`, user)],
    [6, (user) => t.api.delete(`/reviews/${pick(reviewIds)}/like`, user)],
    [4, () => t.api.patch(`/places/${pick(placeIds)}`, { lat: 37.5 + random() / 10 }, admin)],
    [2, (user) => write('/places', newPlace(), user).then(collectId(placeIds))],
    [1, () => t.api.delete(`/places/${pick(placeIds)}`, admin)],
    [2, (user) => withdraw(user)],
  ];
  const bag = writes.flatMap(([weight, call]) => Array<typeof call>(weight).fill(call));
  const aText = () => ({ rating: 1 + Math.floor(random() * 5), content: `${random()}` });
  const writeReview = async (user: TestUser) => {
    const response = collectId(reviewIds)(await write(`/places/${pick(placeIds)}/reviews`, aText(), user));
    authors.set(response.body.id, user);
    return response;
  };
  const editReview = (id: number) => t.api.patch(`/reviews/${id}`, aText(), authors.get(id) ?? admin);
  const withdraw = async (user: TestUser) => {
    members.push(await aUser(t));
    return t.api.delete('/users/me', user);
  };

  it('accept every write', async () => {
    const statuses = new Map<number, number>();
    let left = OPERATIONS;
    const work = async () => {
      while (left-- > 0) {
        const { status } = await pick(bag)(pick(members.slice(-24)));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect([...statuses.keys()].filter((status) => ![200, 201, 204, 401, 403, 404, 409].includes(status))).toEqual([]);
    const done = [...statuses].reduce((sum, [status, count]) => sum + (status < 300 ? count : 0), 0);
    expect(done).toBeGreaterThan(OPERATIONS / 4);
  }, 120_000);

  it('equal the counted rows', async () => {
    const dataSource = t.app.get(DataSource);
    expect(await dataSource.query(WRONG_PLACES)).toEqual([]);
    expect(await dataSource.query(WRONG_REVIEWS)).toEqual([]);
  });

  it('are served as stored', async () => {
    const rows = await t.app.get(DataSource).query<{ id: number }[]>(`
      SELECT id, like_count AS "likeCount", review_count AS "reviewCount", rating::float8 AS rating
      FROM place ORDER BY id
    `);
    const served = await allPages<PlaceBody>(t, '/places?limit=100');
    const counters = served.map(({ id, likeCount, reviewCount, rating }) => ({ id, likeCount, reviewCount, rating }));
    expect(counters.sort((one, other) => one.id - other.id)).toEqual(rows);
  });
});

describe('a deadlock', () => {
  const t = useApp();

  /** The test locks the place and then the user, the like locks the user and then the place. */
  it('is retried for its victim without an error', async () => {
    const [user, { id }] = await Promise.all([aUser(t), aPlace(t)]);
    const runner = t.app.get(DataSource).createQueryRunner();
    await runner.startTransaction();
    await runner.query(`SET LOCAL deadlock_timeout = '10s'`);
    await runner.query('SELECT FROM place WHERE id = $1 FOR UPDATE', [id]);
    const like = t.api.put(`/places/${id}/like`, user);
    await untilBlocking((sql) => runner.query(sql));
    await runner.query('SELECT FROM app_user WHERE id = $1 FOR UPDATE', [user.id]);
    await runner.commitTransaction();
    await runner.release();
    expect((await like).status).toBe(204);
    expect((await t.api.get<PlaceBody>(`/places/${id}`)).body.likeCount).toBe(1);
  });
});
