import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseResponse, type RawResponse } from '../http/raw-request.js';
import { useApp } from '../support/app.js';
import { expectProblem } from '../support/problems.js';

const HOST = 'Host: x';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';
const FOREIGN = 'Origin: https://elsewhere.example';

describe('a refused WebSocket handshake', () => {
  const t = useApp({ env: { RATE_LIMIT_ANONYMOUS: '1000' } });

  const shake = async (headers: readonly string[], method = 'GET'): Promise<RawResponse> => {
    const socket = connect(Number(new URL(t.api.origin).port), '127.0.0.1');
    const head = [`${method} /api/v1/notifications/socket HTTP/1.1`, HOST, ...UPGRADE, ...headers];
    socket.write([...head, '', ''].join('\r\n'));
    return parseResponse(await text(socket));
  };
  const expectFullProblem = (response: RawResponse, status: number, code: string) => {
    expectProblem(response, status, code);
    const { headers, body } = response;
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('x-request-id')).toBe(body['requestId']);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  };

  it.each([
    ['no key', [VERSION], 400, 'INVALID_HANDSHAKE'],
    ['a key that is none', [VERSION, 'Sec-WebSocket-Key: x'], 400, 'INVALID_HANDSHAKE'],
    ['no version', [KEY], 400, 'INVALID_HANDSHAKE'],
    ['an unknown version', [KEY, 'Sec-WebSocket-Version: 12'], 400, 'INVALID_HANDSHAKE'],
    ['a broken subprotocol', [KEY, VERSION, 'Sec-WebSocket-Protocol: ,'], 400, 'INVALID_HANDSHAKE'],
    ['a foreign origin', [KEY, VERSION, FOREIGN], 403, 'ORIGIN_NOT_ALLOWED'],
  ])('is a problem with all headers: %s', async (_what, headers, status, code) => {
    const id = 'X-Request-Id: asked-1';
    const answer = await shake([...headers, id]);
    expectFullProblem(answer, status, code);
    expect(answer.body).toMatchObject({ requestId: 'asked-1' });
    expect(answer.headers.get('content-language')).toBe('en');
    expect(answer.headers.get('sec-websocket-version')).toBe(status === 400 ? '13, 8' : null);
    const korean = await shake([...headers, 'Accept-Language: ko']);
    expect(korean.headers.get('content-language')).toBe('ko');
    expect(korean.body['detail']).toMatch(/[가-힣]/);
  });

  it('is the usual problem of the route for another method than GET', async () => {
    const answer = await shake([KEY, VERSION, 'Content-Length: 0', 'Connection: close'], 'POST');
    expectFullProblem(answer, 404, 'ROUTE_NOT_FOUND');
  });

  it('is a problem with Retry-After when the address has reached its limit', async () => {
    const broken = () => shake([VERSION]);
    let answer = await broken();
    for (let count = 0; count < 300 && answer.status !== 429; count += 1) answer = await broken();
    expectFullProblem(answer, 429, 'RATE_LIMITED');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('ratelimit')).toMatch(/^"socket";r=0;t=\d+$/);
    expect(answer.headers.get('ratelimit-policy')).toBe('"socket";q=300;w=60');
  });
});
