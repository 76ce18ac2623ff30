import { connect } from 'node:net';
import fc from 'fast-check';
import { useApp } from './support/app.js';

const SIGN_UP = '/auth/signup';

describe('invalid requests', () => {
  const t = useApp();

  it.each([
    ['an unknown address', () => t.api.get('/nowhere'), 404, 'ROUTE_NOT_FOUND'],
    ['a wrong method', () => t.api.delete('/places'), 405, 'METHOD_NOT_ALLOWED'],
    ['broken percent-encoding', () => t.api.get('/places/%zz'), 400, 'MALFORMED_REQUEST'],
    ['malformed JSON', () => t.api.post(SIGN_UP, '{"email":'), 400, 'MALFORMED_REQUEST'],
    ['a polluted prototype', () => t.api.post(SIGN_UP, '{"__proto__":{"role":"admin"}}'), 400, 'MALFORMED_REQUEST'],
    ['JSON 5000 levels deep', () => t.api.post(SIGN_UP, '['.repeat(5e3) + ']'.repeat(5e3)), 400, 'MALFORMED_REQUEST'],
    ['a NUL in a body', () => t.api.post(SIGN_UP, { email: 'a\0@b.kr' }), 400, 'MALFORMED_REQUEST'],
    ['a NUL in a query', () => t.api.get('/places?q=%00'), 400, 'MALFORMED_REQUEST'],
    ['half a character', () => t.api.post('/auth/login', '{"email":"\\ud800"}'), 400, 'MALFORMED_REQUEST'],
    ['a field every object has', () => t.api.post(SIGN_UP, { toString: 'x' }), 400, 'MALFORMED_REQUEST'],
    ['a parameter every object has', () => t.api.get('/places?constructor=1'), 400, 'MALFORMED_REQUEST'],
    ['an absent file', () => t.api.get('//docs/nowhere.js'), 404, 'ROUTE_NOT_FOUND'],
    ['a body of 200 kB', () => t.api.post(SIGN_UP, { email: 'a'.repeat(200_000) }), 413, 'PAYLOAD_TOO_LARGE'],
    ['a body that is no JSON', () => t.api.post(SIGN_UP, 'a=b', form()), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body that is a list', () => t.api.post(SIGN_UP, []), 400, 'VALIDATION_FAILED'],
    ['no body', () => t.api.post(SIGN_UP), 400, 'VALIDATION_FAILED'],
    ['an invalid id', () => t.api.get('/places/1e3'), 400, 'VALIDATION_FAILED'],
    ['an id out of range', () => t.api.get('/places/99999999999'), 400, 'VALIDATION_FAILED'],
    ['a parameter given twice', () => t.api.get('/places?limit=1&limit=2'), 400, 'VALIDATION_FAILED'],
    ['a field after 121 empty ones', () => t.api.get(`/places?${'&'.repeat(121)}limit=0`), 400, 'VALIDATION_FAILED'],
    ['an unknown parameter', () => t.api.get('/places?page=2'), 400, 'VALIDATION_FAILED'],
  ])('are answered with a problem: %s', async (_name, call, status, code) => {
    const response = await call();
    expect({ status: response.status, code: response.body['code'] }).toEqual({ status, code });
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.body).toMatchObject({
      type: `urn:ecogreen:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      status,
      requestId: response.headers.get('x-request-id'),
      instance: `/requests/${response.headers.get('x-request-id')}`,
    });
  });

  it('get the allowed methods of a route', async () => {
    expect((await t.api.delete('/places')).headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('get a pointer to every rejected field, without its value', async () => {
    const response = await t.api.post(SIGN_UP, { email: 'sesame', password: 'short', nickname: '!', role: 'admin' });
    const errors = response.body['errors'] as { pointer: string; detail: string }[];
    expect(errors.map((error) => error.pointer).sort()).toEqual(['#/email', '#/nickname', '#/password', '#/role']);
    expect(response.text).not.toContain('sesame');
  });

  it('get texts in the language of Accept-Language', async () => {
    const korean = await t.api.get('/places?limit=0', { headers: { 'accept-language': 'ko-KR,ko;q=0.9,en;q=0.8' } });
    expect(korean.headers.get('content-language')).toBe('ko');
    expect(korean.body).toMatchObject({
      title: '잘못된 요청',
      errors: [{ pointer: '?limit', detail: '1 이상이어야 합니다' }],
    });
  });

  it('keep a harmless request id and replace any other', async () => {
    const ask = async (id: string) =>
      (await t.api.get('//health/live', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await ask('client-7.a_b')).toBe('client-7.a_b');
    expect(await ask('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask('a b"c')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('get the security headers and none that names the server', async () => {
    const { headers } = await t.api.get('//health/live');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect((await t.api.get('//docs')).headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.has('x-powered-by')).toBe(false);
    expect(headers.has('server')).toBe(false);
  });

  it('never cause a 500, whatever the parameters of a place or list', async () => {
    const paths = fc.tuple(
      fc.constantFrom('category', 'district', 'q', 'sort', 'cursor', 'limit', 'near', '__proto__', 'constructor'),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(paths, async ([name, value]) => {
        const list = await t.api.get(`/places?${name}=${encodeURIComponent(value)}`);
        const one = await t.api.get(`/places/${encodeURIComponent(value)}`);
        expect([list.status, one.status].filter((status) => status >= 500)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['bytes that are not HTTP', 'NONSENSE\r\n\r\n', 400, 'MALFORMED_REQUEST'],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX-Bomb: ${'a'.repeat(20_000)}`, 431, 'HEADERS_TOO_LARGE'],
  ])('are answered with a problem without harm to the server: %s', async (_name, bytes, status, code) => {
    const port = Number(new URL(t.api.origin).port);
    const response = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (data) => resolve(data.toString()));
      socket.on('error', reject);
    });
    const [head = '', body = ''] = response.split('\r\n\r\n', 2);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    expect(JSON.parse(body)).toMatchObject({ status, code });
    expect((await t.api.get('//health/live')).status).toBe(200);
  });

  it('get 405 for OPTIONS without CORS, with the allowed methods', async () => {
    const response = await t.api.call('OPTIONS', '/places');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});

function form() {
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
}
