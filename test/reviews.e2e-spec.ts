import { useApp } from './support/app.js';
import {
  allPages, aPlace, aReview, aUser, users, type PageBody, type PlaceBody, type ReviewBody, type TestUser,
} from './support/factories.js';
import { expectProblem } from './support/problems.js';

describe('reviews', () => {
  const t = useApp();
  let author: TestUser;
  let stranger: TestUser;
  let admin: TestUser;

  beforeAll(async () => {
    [author, stranger, admin] = await Promise.all([aUser(t), aUser(t), aUser(t, { role: 'admin' })]);
  });

  const ratingOf = async (id: number) => {
    const { reviewCount, rating } = (await t.api.get<PlaceBody>(`/places/${id}`)).body;
    return { reviewCount, rating };
  };

  describe('POST /places/{id}/reviews', () => {
    it('returns the created review with author and Location', async () => {
      const { id } = await aPlace(t);
      const fields = { rating: 4, content: '  두유 라떼가 맛있어요.\n또 올게요!  ' };
      const { status, headers, body } = await t.api.post(`/places/${id}/reviews`, fields, { token: author.token });
      expect(status).toBe(201);
      expect(headers.get('location')).toBe(`/api/v1/reviews/${String(body['id'])}`);
      expect(body).toEqual({
        id: expect.any(Number),
        placeId: id,
        author: { id: author.id, nickname: author.nickname },
        rating: 4,
        content: '두유 라떼가 맛있어요.\n또 올게요!',
        likeCount: 0,
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: body['createdAt'],
        viewer: { liked: false },
      });
      delete body['viewer'];
      expect((await t.api.get(`/reviews/${String(body['id'])}`)).body).toEqual(body);
    });

    it.each([
      ['no rating', { rating: undefined }],
      ['a rating of 0', { rating: 0 }],
      ['a rating of 6', { rating: 6 }],
      ['a rating of 4.5', { rating: 4.5 }],
      ['a rating that is a text', { rating: '5' }],
      ['no content', { content: undefined }],
      ['a content of spaces', { content: ' \n ' }],
      ['a content of 1001 characters', { content: '가'.repeat(1_001) }],
      ['a content that only emoji selectors make too long', { content: '가\uFE0F'.repeat(600) }],
      ['an author', { authorId: '00000000-0000-4000-8000-000000000000' }],
      ['likes', { likeCount: 5 }],
    ])('rejects %s', async (_name, fields) => {
      const { id } = await aPlace(t);
      const review = { rating: 5, content: '좋아요', ...fields };
      const response = await t.api.post(`/places/${id}/reviews`, review, { token: author.token });
      expectProblem(response, 400, 'VALIDATION_FAILED');
      expect(await ratingOf(id)).toEqual({ reviewCount: 0, rating: 0 });
    });

    it('accepts 1000 characters, counting an emoji as one', async () => {
      const review = await aReview(t, { content: '🌱'.repeat(1_000) });
      expect(review.content).toBe('🌱'.repeat(1_000));
    });

    it('requires a user and a place', async () => {
      const review = { rating: 5, content: '좋아요' };
      const { id } = await aPlace(t);
      expectProblem(await t.api.post(`/places/${id}/reviews`, review), 401, 'ACCESS_TOKEN_MISSING');
      const nowhere = await t.api.post('/places/2147483647/reviews', review, { token: author.token });
      expectProblem(nowhere, 404, 'PLACE_NOT_FOUND');
    });

    it('accepts one review per user and place, also concurrently', async () => {
      const { id } = await aPlace(t);
      const write = () => t.api.post(`/places/${id}/reviews`, { rating: 2, content: '한 번' }, { token: author.token });
      const responses = await Promise.all(Array.from({ length: 20 }, write));
      expect(responses.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
      expectProblem(await write(), 409, 'REVIEW_ALREADY_EXISTS');
      expect(await ratingOf(id)).toEqual({ reviewCount: 1, rating: 2 });
    });

    it('accepts a new review after the first was deleted', async () => {
      const place = await aPlace(t);
      const { id } = await aReview(t, { author, place });
      await t.api.delete(`/reviews/${id}`, { token: author.token });
      await expect(aReview(t, { author, place })).resolves.toMatchObject({ placeId: place.id });
    });
  });

  describe('PATCH /reviews/{id}', () => {
    it('changes only the given fields, and the rating of the place', async () => {
      const place = await aPlace(t);
      const review = await aReview(t, { author, place, rating: 1 });
      const changes = { rating: 4 };
      const { status, body } = await t.api.patch<ReviewBody>(`/reviews/${review.id}`, changes, { token: author.token });
      expect(status).toBe(200);
      expect(body).toMatchObject({ rating: 4, content: review.content });
      expect(await ratingOf(place.id)).toEqual({ reviewCount: 1, rating: 4 });
    });

    it('requires the author', async () => {
      const { id } = await aReview(t, { author });
      for (const { token } of [stranger, admin]) {
        expectProblem(await t.api.patch(`/reviews/${id}`, { rating: 1 }, { token }), 403, 'FORBIDDEN');
      }
      expectProblem(await t.api.patch(`/reviews/${id}`, { rating: 1 }), 401, 'ACCESS_TOKEN_MISSING');
      const nowhere = await t.api.patch('/reviews/2147483647', { rating: 1 }, { token: author.token });
      expectProblem(nowhere, 404, 'REVIEW_NOT_FOUND');
    });

    const refused = [{ rating: null }, { content: null }, { rating: 9 }, { placeId: 1 }, { authorId: null }];
    it.each(refused)('rejects %j', async (changes) => {
      const { id } = await aReview(t, { author });
      expectProblem(await t.api.patch(`/reviews/${id}`, changes, { token: author.token }), 400, 'VALIDATION_FAILED');
    });
  });

  describe('DELETE /reviews/{id}', () => {
    it('requires the author or an admin', async () => {
      const place = await aPlace(t);
      const [mine, theirs] = [await aReview(t, { author, place, rating: 1 }), await aReview(t, { place, rating: 4 })];
      expectProblem(await t.api.delete(`/reviews/${mine.id}`, { token: stranger.token }), 403, 'FORBIDDEN');
      expect(await ratingOf(place.id)).toEqual({ reviewCount: 2, rating: 2.5 });
      expect((await t.api.delete(`/reviews/${mine.id}`, { token: author.token })).status).toBe(204);
      expect(await ratingOf(place.id)).toEqual({ reviewCount: 1, rating: 4 });
      expect((await t.api.delete(`/reviews/${theirs.id}`, { token: admin.token })).status).toBe(204);
      expect(await ratingOf(place.id)).toEqual({ reviewCount: 0, rating: 0 });
      expectProblem(await t.api.get(`/reviews/${mine.id}`), 404, 'REVIEW_NOT_FOUND');
      expectProblem(await t.api.delete(`/reviews/${mine.id}`, { token: author.token }), 404, 'REVIEW_NOT_FOUND');
    });

    it('happens to all reviews of a deleted place', async () => {
      const place = await aPlace(t, { owner: author });
      const { id } = await aReview(t, { place });
      await t.api.get(`/places/${place.id}/reviews`);
      await t.api.delete(`/places/${place.id}`, { token: author.token });
      expectProblem(await t.api.get(`/reviews/${id}`), 404, 'REVIEW_NOT_FOUND');
      expectProblem(await t.api.get(`/places/${place.id}/reviews`), 404, 'PLACE_NOT_FOUND');
    });
  });

  it('average to two digits, rounded half up', async () => {
    const place = await aPlace(t);
    for (const rating of [5, 5, 4, 4, 4, 4, 4, 4]) await aReview(t, { place, rating });
    expect(await ratingOf(place.id)).toEqual({ reviewCount: 8, rating: 4.25 });
    await aReview(t, { place, rating: 1 });
    expect(await ratingOf(place.id)).toEqual({ reviewCount: 9, rating: 3.89 });
  });

  describe('likes', () => {
    it('count each user once, also concurrently', async () => {
      const { id } = await aReview(t);
      const people = await users(t, 10);
      const calls = [...people, ...people, ...people, ...people, ...people].map(({ token }) => {
        return t.api.put(`/reviews/${id}/like`, { token });
      });
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 204));
      expect((await t.api.get<ReviewBody>(`/reviews/${id}`)).body.likeCount).toBe(10);
    });

    it('are removed once by their user', async () => {
      const { id } = await aReview(t);
      await t.api.put(`/reviews/${id}/like`, { token: stranger.token });
      for (const token of [author.token, stranger.token, stranger.token]) {
        expect((await t.api.delete(`/reviews/${id}/like`, { token })).status).toBe(204);
      }
      expect((await t.api.get<ReviewBody>(`/reviews/${id}`)).body.likeCount).toBe(0);
    });

    it('show as a flag to their user only', async () => {
      const { id, placeId } = await aReview(t);
      await t.api.put(`/reviews/${id}/like`, { token: stranger.token });
      const seenBy = async (user?: TestUser) => {
        const one = await t.api.get<ReviewBody>(`/reviews/${id}`, { token: user?.token });
        const list = await t.api.get<PageBody<ReviewBody>>(`/places/${placeId}/reviews`, { token: user?.token });
        expect(list.body.items[0]?.viewer).toEqual(one.body.viewer);
        return one.body.viewer;
      };
      expect(await seenBy(stranger)).toEqual({ liked: true });
      expect(await seenBy(author)).toEqual({ liked: false });
      expect(await seenBy()).toBeUndefined();
    });

    it('require a user and a review', async () => {
      const { id } = await aReview(t);
      expectProblem(await t.api.put(`/reviews/${id}/like`), 401, 'ACCESS_TOKEN_MISSING');
      for (const method of ['PUT', 'DELETE']) {
        const path = '/reviews/2147483647/like';
        const nowhere = await t.api.call<Record<string, unknown>>(method, path, { token: author.token });
        expectProblem(nowhere, 404, 'REVIEW_NOT_FOUND');
      }
    });
  });

  describe('lists', () => {
    it.each([
      ['latest', (review: ReviewBody) => review.id],
      ['likes', (review: ReviewBody) => review.likeCount],
      ['rating', (review: ReviewBody) => review.rating],
    ])('page completely and in order by %s', async (sort, key) => {
      const place = await aPlace(t);
      const people = await users(t, 11);
      for (const [at, user] of people.entries()) {
        const { id } = await aReview(t, { place, author: user, rating: 1 + (at % 5) });
        for (const fan of people.slice(0, at % 4)) await t.api.put(`/reviews/${id}/like`, { token: fan.token });
      }
      const all = (await t.api.get<PageBody<ReviewBody>>(`/places/${place.id}/reviews?limit=100`)).body.items;
      const expected = [...all].sort((one, other) => key(other) - key(one) || other.id - one.id);
      expect(expected).toHaveLength(11);
      expect(await allPages(t, `/places/${place.id}/reviews?sort=${sort}&limit=3`)).toEqual(expected);
    });

    it('answer 404 for an unknown place and 400 for the cursor of another', async () => {
      expectProblem(await t.api.get('/places/2147483647/reviews'), 404, 'PLACE_NOT_FOUND');
      const [one, other] = [await aPlace(t), await aPlace(t)];
      for (const place of [one, one, other, other]) await aReview(t, { place });
      const { nextCursor } = (await t.api.get<PageBody<ReviewBody>>(`/places/${one.id}/reviews?limit=1`)).body;
      const path = `/places/${other.id}/reviews?limit=1&cursor=${nextCursor ?? ''}`;
      expectProblem(await t.api.get(path), 400, 'INVALID_CURSOR');
    });

    it('of the user contain own reviews of all places, newest first', async () => {
      const writer = await aUser(t);
      const written = [];
      for (let n = 0; n < 5; n += 1) written.unshift(await aReview(t, { author: writer }));
      expect(await allPages(t, '/users/me/reviews?limit=2', writer.token)).toEqual(written);
      const { body } = await t.api.get('/users/me/reviews', { token: admin.token });
      expect(body).toEqual({ items: [], nextCursor: null });
      expectProblem(await t.api.get('/users/me/reviews'), 401, 'ACCESS_TOKEN_MISSING');
    });
  });

  it('stay counted and anonymous when their author’s account is deleted', async () => {
    const leaver = await aUser(t);
    const place = await aPlace(t);
    const { id } = await aReview(t, { author: leaver, place, rating: 3 });
    expect((await t.api.delete('/users/me', { token: leaver.token })).status).toBe(204);
    expect((await t.api.get(`/reviews/${id}`)).body).toMatchObject({ author: null, rating: 3 });
    expect(await ratingOf(place.id)).toEqual({ reviewCount: 1, rating: 3 });
    expect((await t.api.delete(`/reviews/${id}`, { token: admin.token })).status).toBe(204);
  });
});
