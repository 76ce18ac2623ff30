import { useApp } from '../support/app.js';
import { aPlace, aUser, newPlace, type TestUser } from '../support/factories.js';

interface Refusal {
  readonly code?: string;
  readonly errors?: readonly { pointer: string; detail: string }[];
}

/** Values that are invalid for every field. */
const VALUES = [null, true, -1, 1.5, 1e300, '', 'x', '☕️'.repeat(1_100), [], [[]], [null], {}, { a: 1 }, [{}]];

describe('field errors', () => {
  const t = useApp();
  let user: TestUser;
  let placeId: number;

  beforeAll(async () => {
    user = await aUser(t);
    placeId = (await aPlace(t, { owner: user })).id;
  });

  const call = (method: string, path: string, body: unknown, language = 'en') => {
    const headers = { 'accept-language': language };
    return t.api.call<Refusal>(method, path, { token: user.token, body: JSON.stringify(body), headers });
  };

  it.each([[[]], [[{}]], ['text'], [5], [null], [true]])('point at the body when it is %j', async (body) => {
    for (const [method, path] of [['POST', '/auth/signup'], ['PATCH', `/places/${placeId}`]] as const) {
      const english = await call(method, path, body);
      expect(english.body.code).toBe('VALIDATION_FAILED');
      expect(english.body.errors).toEqual([{ pointer: '#', detail: 'must be an object' }]);
      const korean = await call(method, path, body, 'ko');
      expect(korean.body.errors).toEqual([{ pointer: '#', detail: '객체여야 합니다' }]);
    }
  });

  it('point at the body when there is none', async () => {
    for (const [method, path] of [['POST', '/auth/signup'], ['PATCH', `/places/${placeId}`]] as const) {
      const { body } = await t.api.call<Refusal>(method, path, { token: user.token });
      expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ pointer: '#' }] });
    }
  });

  it.each([
    ['POST', '/places', Object.keys(newPlace({ phone: 1, homepage: 1, kakaoId: 1, openingHours: 1, other: 1 }))],
    ['POST', '/auth/signup', ['email', 'password', 'nickname']],
    ['POST', '/auth/login', ['email', 'password', 'device', 'transport']],
    ['PUT', '/auth/password', ['currentPassword', 'newPassword']],
    ['PUT', '/notifications/read', ['upTo']],
  ])('name a pointer and a limit for any wrong value: %s %s', async (method, path, fields) => {
    for (const value of VALUES) {
      const body = Object.fromEntries(fields.map((field) => [field, value]));
      for (const language of ['en', 'ko']) {
        const response = await call(method, path, body, language);
        expect([value, response.status, response.body.code]).toEqual([value, 400, 'VALIDATION_FAILED']);
        const { errors = [] } = response.body;
        expect(errors.length).toBeGreaterThan(0);
        for (const { pointer, detail } of errors) {
          expect(pointer).toMatch(/^#\/\w/);
          expect(detail).not.toMatch(/undefined|NaN|null|object Object|not allowed|허용되지 않는/);
        }
      }
    }
  });

  it.each([
    [{ mon: {} }, '#/openingHours/mon', 'must be a list'],
    [{ mon: [1] }, '#/openingHours/mon', 'each item must be an object'],
    [{ mon: [[]] }, '#/openingHours/mon', 'each item must be an object'],
    [{ tue: Array(4).fill({ open: '10:00', close: '11:00' }) }, '#/openingHours/tue', 'must have at most 3 items'],
    [{ wed: [{ open: '1', close: '11:00' }] }, '#/openingHours/wed/0/open', 'must be a time from 00:00 to 23:59'],
    [{ 'a/b~c': 1 }, '#/openingHours/a~1b~0c', 'is not a field of this request'],
  ])('point into nested fields: %j', async (openingHours, pointer, detail) => {
    const { body } = await call('PATCH', `/places/${placeId}`, { openingHours });
    expect(body.errors).toEqual([{ pointer, detail }]);
  });

  it.each([
    ['POST', '/places/1/reviews', 'rating', '5', 'must be a whole number'],
    ['POST', '/places/1/reviews', 'rating', 6, 'must be at most 5'],
    ['POST', '/places/1/reviews', 'rating', undefined, 'is required'],
    ['POST', '/places/1/reviews', 'content', 5, 'must be a string'],
    ['POST', '/places', 'lat', '37.5', 'must be a number'],
    ['POST', '/places', 'category', undefined, 'is required'],
    ['POST', '/places', 'homepage', 5, 'must be a string'],
    ['POST', '/auth/signup', 'email', undefined, 'is required'],
    ['POST', '/auth/signup', 'email', 5, 'must be a string'],
    ['POST', '/auth/signup', 'nickname', null, 'must be a string'],
    ['PUT', '/notifications/read', 'upTo', undefined, 'is required'],
    ['PUT', '/notifications/read', 'upTo', '7', 'must be a whole number'],
  ])('name presence and type before any other rule: %s %s, %s = %j', async (method, path, field, value, detail) => {
    const { errors = [] } = (await call(method, path, { [field]: value })).body;
    expect(errors.filter(({ pointer }) => pointer === `#/${field}`)).toEqual([{ pointer: `#/${field}`, detail }]);
  });

  it.each(['☕️', '☕', '🏠', '👨‍👩‍👧', '가', 'é'])(
    'count the characters of %s as the column does',
    async (character) => {
      const size = Array.from(character.normalize('NFC')).length;
      const longest = Math.floor(1_000 / size);
      const review = (count: number) => ({ rating: 5, content: character.repeat(count) });
      const place = await aPlace(t);
      expect((await call('POST', `/places/${place.id}/reviews`, review(longest))).status).toBe(201);
      const tooLong = await call('POST', `/places/${place.id}/reviews`, review(longest + 1));
      expect(tooLong.body.errors).toEqual([{ pointer: '#/content', detail: 'must have 1 to 1000 characters' }]);
    },
  );
});
