import { useApp } from '../support/app.js';
import { sendRaw } from './raw-request.js';

const ORIGIN = 'https://web.example';
const HEAD = `Host: x\r\nOrigin: ${ORIGIN}\r\nConnection: close\r\n`;
const many = (count: number) => Array.from({ length: count }, (_, at) => `X-${at}:\r\n`).join('');

/** Invalid requests: name, request, status and code. */
const REFUSALS: readonly [string, string, number, string][] = [
  ['no Host', 'GET /api/v1/places HTTP/1.1\r\nOrigin: https://web.example\r\nConnection: close\r\n', 400, 'INVALID_HOST'],
  ['two Hosts', `GET /api/v1/places HTTP/1.1\r\nhost: y\r\n${HEAD}`, 400, 'INVALID_HOST'],
  ['a Host with user information', `GET /nowhere HTTP/1.1\r\n${HEAD.replace('x', 'a@x')}`, 400, 'INVALID_HOST'],
  ['a Host that is a list', `GET /nowhere HTTP/1.1\r\n${HEAD.replace('x', 'x, y')}`, 400, 'INVALID_HOST'],
  ['an unknown expectation', `GET /api/v1/places HTTP/1.1\r\n${HEAD}Expect: x\r\n`, 417, 'EXPECTATION_FAILED'],
  [
    'an unknown expectation whose body is waiting',
    `POST /api/v1/auth/login HTTP/1.1\r\n${HEAD}Expect: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n`,
    417,
    'EXPECTATION_FAILED',
  ],
  ['a broken path', `GET /api/v1/places/%zz HTTP/1.1\r\n${HEAD}`, 400, 'MALFORMED_REQUEST'],
  ['a broken path of no route', `GET /%c0%af HTTP/1.1\r\n${HEAD}`, 400, 'MALFORMED_REQUEST'],
  ['an id of 2,000 digits', `GET /api/v1/places/${'1'.repeat(2_000)} HTTP/1.1\r\n${HEAD}`, 400, 'VALIDATION_FAILED'],
  ['101 headers', `GET /api/v1/places HTTP/1.1\r\n${HEAD}${many(98)}`, 431, 'HEADERS_TOO_LARGE'],
  ['1,001 headers', `GET /api/v1/places HTTP/1.1\r\n${HEAD}${many(1_001)}`, 431, 'HEADERS_TOO_LARGE'],
  ['2,500 headers before those that count', `GET /metrics HTTP/1.1\r\n${many(2_500)}${HEAD}`, 431, 'HEADERS_TOO_LARGE'],
  ['101 headers for a page of the documentation', `GET /docs HTTP/1.1\r\n${HEAD}${many(98)}`, 431, 'HEADERS_TOO_LARGE'],
  ['101 headers of the same name', `GET /nowhere HTTP/1.1\r\n${HEAD}${'A:\r\n'.repeat(98)}`, 431, 'HEADERS_TOO_LARGE'],
  ...['gzip', 'br', 'deflate', 'gzip, identity'].map((coding): [string, string, number, string] => [
    `a body in ${coding}`,
    `POST /api/v1/auth/login HTTP/1.1\r\n${HEAD}Content-Encoding: ${coding}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ]),
];

describe('a rejected request', () => {
  const t = useApp({ env: { CORS_ORIGINS: ORIGIN, RATE_LIMIT_ANONYMOUS: '1000' } });

  const send = (request: string) => sendRaw(t, request.includes('\r\n\r\n') ? request : `${request}\r\n`);

  it.each(REFUSALS)(
    'is answered with a problem and all headers, and is counted: %s',
    async (_name, request, status, code) => {
      const response = await send(request);
      expect({ status: response.status, code: response.body['code'] }).toEqual({ status, code });
      const { headers } = response;
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(response.body['requestId']).toBe(headers.get('x-request-id'));
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-language')).toBe('en');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      if (!/ \/(metrics|docs) /.test(request)) expect(headers.get('x-ratelimit-limit')).toBe('1000');
    },
  );

  it('is answered with a problem when its path is too long for the router', async () => {
    const url = `/api/v1/places/${'1'.repeat(200_000)}`;
    const { statusCode, headers, body } = await t.app.inject({ url, headers: { host: 'x', origin: ORIGIN } });
    expect({ statusCode, ...JSON.parse(body) }).toMatchObject({ statusCode: 400, code: 'MALFORMED_REQUEST' });
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/problem\+json/),
      'x-request-id': (JSON.parse(body) as { requestId: string }).requestId,
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': ORIGIN,
      'x-ratelimit-limit': '1000',
    });
  });

  it('counts for the rate limit of the caller', async () => {
    const left = async (request: string) => Number((await send(request)).headers.get('x-ratelimit-remaining'));
    const before = await left(`GET /api/v1/categories HTTP/1.1\r\n${HEAD}`);
    const heads = ['GET /%zz HTTP/1.1', 'GET /nowhere HTTP/1.1\r\nHost: y', 'GET /nowhere HTTP/1.1\r\nExpect: x'];
    for (const head of heads) {
      await send(`${head}\r\n${HEAD}`);
    }
    expect(await left(`GET /api/v1/categories HTTP/1.1\r\n${HEAD}`)).toBe(before - 4);
  });

  it('is answered 415 with the accepted encodings only if the encoding is the cause', async () => {
    const body = 'Content-Length: 2\r\n\r\n{}';
    const post = `POST /api/v1/auth/login HTTP/1.1\r\n${HEAD}`;
    const coded = await send(`${post}Content-Type: application/json\r\nContent-Encoding: gzip\r\n${body}`);
    expect(coded.headers.get('accept-encoding')).toBe('identity');
    const plain = await send(`${post}Content-Type: application/json\r\nContent-Encoding: identity\r\n${body}`);
    expect(plain.body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    const text = await send(`${post}Content-Type: text/plain\r\n${body}`);
    expect(text.headers.has('accept-encoding')).toBe(false);
  });

  it.each([
    ['100 headers', `GET /api/v1/categories HTTP/1.1\r\n${HEAD}${many(97)}`],
    ['HTTP/1.0 without a Host', 'GET /api/v1/categories HTTP/1.0\r\n'],
    ['an address as Host', `GET /api/v1/categories HTTP/1.1\r\n${HEAD.replace('x', '[::1]:3000')}`],
    ['the expectation that can be met', `GET /api/v1/categories HTTP/1.1\r\n${HEAD}Expect: 100-Continue\r\n`],
    ['an absolute address', `GET http://x/api/v1/categories HTTP/1.1\r\n${HEAD}`],
  ])('does not occur with %s', async (_name, request) => {
    expect((await send(request)).status).toBe(200);
  });

  it.each([
    ['GET /nowhere HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n'],
    ['NONSENSE\r\n\r\n'],
    ['CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n'],
  ])(
    'has the security headers even if it is not for this server: %p',
    async (request) => {
      const { status, headers, body } = await send(request);
      expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'MALFORMED_REQUEST' });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    },
  );

  it('opens no WebSocket when headers are missing', async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const request = `GET /api/v1/notifications/socket HTTP/1.1\r\n${upgrade}${key}${many(1_001)}Host: x\r\n`;
    const response = await send(`${request}Connection: close\r\nOrigin: https://foreign.example\r\n`);
    expect(response).toMatchObject({ status: 431, body: { code: 'HEADERS_TOO_LARGE' } });
  });
});
