import { useApp } from './support/app.js';

const ORIGIN = 'https://app.example';

describe('the language of a response', () => {
  const t = useApp({ env: { CORS_ORIGINS: ORIGIN } });

  const fields = (headers: Headers) => (headers.get('vary') ?? '').split(/, */).map((field) => field.toLowerCase());

  it.each([
    ['names', '/categories', 200],
    ['a problem', '/places/999999', 404],
    ['a problem of an unknown address', '/nowhere', 404],
    ['a problem of input', '/places?limit=0', 400],
    ['a problem of a token', '/users/me', 401],
  ])('is declared with Content-Language and Vary: %s', async (_what, path, status) => {
    const cases = [['ko ; q=0.9 , en ; q=0.5', 'ko'], ['en, ko;q=0.5', 'en'], ['fr', 'en']] as const;
    for (const [accepted, language] of cases) {
      const headers = { 'accept-language': accepted, origin: ORIGIN };
      const response = await t.api.get(path, { headers });
      expect([response.status, response.headers.get('content-language')]).toEqual([status, language]);
      expect(fields(response.headers)).toEqual(['origin', 'accept-language']);
    }
  });

  it('is found behind more than 200 characters of others', async () => {
    const headers = { 'accept-language': `${'fr-CA;q=0.1, '.repeat(19)}ko;q=0.9` };
    expect((await t.api.get('/nowhere', { headers })).headers.get('content-language')).toBe('ko');
  });

  it('is one of the first 20 in Accept-Language', async () => {
    const headers = { 'accept-language': `${'fr;q=0.1, '.repeat(20)}ko;q=0.9` };
    expect((await t.api.get('/nowhere', { headers })).headers.get('content-language')).toBe('en');
  });

  it('is not declared without texts', async () => {
    const { headers } = await t.api.get('/districts');
    expect(headers.get('content-language')).toBeNull();
    expect(fields(headers)).not.toContain('accept-language');
  });
});
