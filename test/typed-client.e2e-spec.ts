import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './openapi/schema.js';
import { useApp } from './support/app.js';

const ACCOUNT = { email: 'typed@ecogreen.example', password: 'acorns under the ginkgo' };

/** The types are generated from the OpenAPI document: this file compiles only if the document matches these calls. */
describe('a client generated from the OpenAPI document', () => {
  const t = useApp();
  let client: Client<paths>;

  beforeAll(() => {
    client = createClient<paths>({ baseUrl: t.api.origin });
  });

  it('signs up, creates a place, reviews it, finds both and logs out', async () => {
    await client.POST('/api/v1/auth/signup', { body: { ...ACCOUNT, nickname: '타입' } });
    const login = await client.POST('/api/v1/auth/login', { body: ACCOUNT });
    const headers = { Authorization: `Bearer ${login.data?.accessToken}`, Refresh: login.data?.refreshToken };

    const place = await client.POST('/api/v1/places', {
      headers,
      body: {
        name: '초록상점',
        category: 'ZERO_WASTE',
        address: '서울 마포구 동교로 240',
        district: '마포구',
        lat: 37.5636,
        lng: 126.9254,
        description: '포장 없이 덜어 파는 가게',
      },
    });
    expect(place.response.status).toBe(201);
    const id = place.data?.id ?? 0;

    const review = await client.POST('/api/v1/places/{id}/reviews', {
      headers,
      params: { path: { id } },
      body: { rating: 5, content: '세제를 그램 단위로 살 수 있어요.' },
    });
    expect(review.data?.author?.nickname).toBe('타입');

    const found = await client.GET('/api/v1/places', { params: { query: { district: '마포구', sort: 'rating' } } });
    expect(found.data?.items).toMatchObject([{ id, rating: 5, reviewCount: 1 }]);
    const reviews = await client.GET('/api/v1/places/{id}/reviews', { params: { path: { id } } });
    expect(reviews.data?.items.map((each) => each.rating)).toEqual([5]);

    expect((await client.POST('/api/v1/auth/logout', { headers })).response.status).toBe(204);
    const refused = await client.GET('/api/v1/users/me', { headers });
    expect(refused.error?.code).toBe('INVALID_ACCESS_TOKEN');
  });
});
