import { DataSource } from 'typeorm';
import { useApp } from './support/app.js';
import { aPlace, aReview, aUser, type PlaceBody, type ReviewBody, type TestUser } from './support/factories.js';

const TARGETS = 5;
const ROUNDS = 5;
const review = { rating: 4, content: '다시 가고 싶은 가게입니다. 친절해요.' };

describe('concurrent account deletion and writes of the user', () => {
  // One connection per request, so that requests wait only for rows and no time limit ends a deadlock.
  const t = useApp({ env: { DATABASE_POOL_SIZE: '40' } });
  let places: PlaceBody[];
  let reviews: ReviewBody[];
  let deadlocks = 0;

  beforeAll(async () => {

    await t.app.get(DataSource).query(`
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 50', current_database()); END $$
    `);
    countDeadlocks(t.app.get(DataSource), () => (deadlocks += 1));
    places = await Promise.all(Array.from({ length: TARGETS }, () => aPlace(t)));
    reviews = await Promise.all(places.map((place) => aReview(t, { place })));
  });


  const everything = ({ token }: TestUser) => [
    ...places.map(({ id }) => () => t.api.put(`/places/${id}/like`, { token })),
    ...places.map(({ id }) => () => t.api.delete(`/places/${id}/like`, { token })),
    ...places.map(({ id }) => () => t.api.put(`/places/${id}/bookmark`, { token })),
    ...places.map(({ id }) => () => t.api.post(`/places/${id}/reviews`, review, { token })),
    ...reviews.map(({ id }) => () => t.api.put(`/reviews/${id}/like`, { token })),
    ...reviews.map(({ id }) => () => t.api.delete(`/reviews/${id}/like`, { token })),
  ];

  it('never deadlock', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const user = await aUser(t);
      for (const { id } of places) await t.api.put(`/places/${id}/like`, { token: user.token });
      const withdraw = () => t.api.delete('/users/me', { token: user.token });
      await Promise.all(everything(user).toSpliced(round * 3, 0, withdraw).map((call) => call()));
    }
    expect(deadlocks).toBe(0);
  });
});

function countDeadlocks(dataSource: DataSource, count: () => void): void {
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<never>;
    runner.query = (...args: unknown[]) =>
      query(...args).catch((error: unknown) => {
        if ((error as { code?: string }).code === '40P01') count();
        throw error;
      });
    return runner;
  };
}
