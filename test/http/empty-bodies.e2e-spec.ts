import { signUp } from '../support/accounts.js';
import { useApp } from '../support/app.js';
import { sendRaw } from './raw-request.js';

const FORM = 'application/x-www-form-urlencoded';
const TYPES = ['application/json', FORM, 'text/plain', 'multipart/form-data', 'nonsense', ''];

describe('a request with a Content-Type and no body', () => {
  const t = useApp();

  const send = (method: string, path: string, token: string, headers: readonly string[], body = '') => {
    const head = [`${method} /api/v1${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${token}`];
    return sendRaw(t, `${[...head, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`);
  };

  it.each(TYPES)('logs out: %p', async (type) => {
    const { accessToken, refreshToken } = await signUp(t.api);
    const headers = [`Content-Type: ${type}`, 'Content-Length: 0', `Refresh: ${refreshToken}`];
    expect((await send('POST', '/auth/logout', accessToken, headers)).status).toBe(204);
    expect((await t.api.get('/users/me', { token: accessToken })).status).toBe(401);
  });

  it.each(TYPES.filter((type) => type.includes('/')))('is accepted with an empty chunked body: %p', async (type) => {
    const { accessToken } = await signUp(t.api);
    const headers = [`Content-Type: ${type}`, 'Transfer-Encoding: chunked'];
    expect((await send('DELETE', '/auth/sessions', accessToken, headers, '0\r\n\r\n')).status).toBe(204);
  });

  it('is accepted by every operation without a body', async () => {
    const { accessToken } = await signUp(t.api);
    const operations = [['PUT', '/places/1/like'], ['DELETE', '/places/1/like'], ['GET', '/places']] as const;
    for (const [method, path] of operations) {
      const responses = [
        await send(method, path, accessToken, ['Content-Length: 0']),
        await send(method, path, accessToken, ['Content-Type: text/xml', 'Content-Length: 0']),
        await send(method, path, accessToken, ['Content-Type: text/xml']),
      ];
      expect(new Set(responses.map((response) => response.status)).size).toBe(1);
    }
  });

  it.each(TYPES)('is answered VALIDATION_FAILED by an operation that needs a body: %p', async (type) => {
    for (const length of ['Content-Length: 0', 'X-Nothing: 0']) {
      const { status, body } = await send('POST', '/auth/login', '', [`Content-Type: ${type}`, length]);
      expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    }
  });

  it('is answered 415 if it has a body of another type', async () => {
    const headers = ['Content-Type: text/plain', 'Content-Length: 1'];
    const { status, body } = await send('POST', '/auth/login', '', headers, 'x');
    expect({ status, code: body['code'] }).toEqual({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('is answered 404 on an unknown route', async () => {
    for (const [type, text] of [['text/plain', 'x'], ['application/json', '{']] as const) {
      const headers = [`Content-Type: ${type}`, `Content-Length: ${text.length}`];
      const { status } = await send('POST', '/nowhere', '', headers, text);
      expect(status).toBe(404);
    }
  });
});
