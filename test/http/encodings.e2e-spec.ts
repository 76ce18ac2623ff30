import { newAccount } from '../support/accounts.js';
import { useApp } from '../support/app.js';
import { aPlace, aUser, type TestUser } from '../support/factories.js';
import { sendRaw } from './raw-request.js';

const MALFORMED = { status: 400, code: 'MALFORMED_REQUEST' };
const UNSUPPORTED = { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' };
const INVALID = { status: 400, code: 'VALIDATION_FAILED' };

/** Byte sequences that a lenient decoder turns into U+FFFD. */
const NOT_UTF8: readonly [string, Buffer][] = [
  ['a byte that never occurs in UTF-8', Buffer.from([0xc1])],
  ['EUC-KR', Buffer.from('b0a1b0a2b0a3b0a4b0a5b0a6b0a7', 'hex')],
  ['a truncated character', Buffer.from('가').subarray(0, 2)],
  ['an overlong slash', Buffer.from([0xc0, 0xaf])],
  ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ['a code point beyond Unicode', Buffer.from([0xf4, 0x90, 0x80, 0x80])],
];

describe('encodings', () => {
  const t = useApp();
  let user: TestUser;
  let placeId: number;

  beforeAll(async () => {
    user = await aUser(t);
    placeId = (await aPlace(t)).id;
  });

  const post = async (path: string, body: Buffer, contentType = 'application/json') => {
    const headers = { authorization: `Bearer ${user.token}`, 'content-type': contentType };
    const response = await fetch(`${t.api.origin}/api/v1${path}`, { method: 'POST', headers, body });
    return { status: response.status, code: ((await response.json()) as { code?: string }).code };
  };
  const json = (before: string, bytes: Buffer, after: string) =>
    Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
  const percent = (bytes: Buffer) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

  describe.each(NOT_UTF8)('%s', (_name, bytes) => {
    it('is rejected in a body, and nothing is stored', async () => {
      expect(await post(`/places/${placeId}/reviews`, json('{"rating":5,"content":"', bytes, '"}'))).toEqual(MALFORMED);
      expect((await t.api.get(`/places/${placeId}/reviews`)).body).toMatchObject({ items: [] });
    });

    it('is rejected in a field name', async () => {
      expect(await post('/auth/login', json('{"', bytes, '":1}'))).toEqual(MALFORMED);
    });

    it('is rejected in a query, percent-encoded', async () => {
      for (const query of [`q=${percent(bytes)}`, `${percent(bytes)}=1`]) {
        const { status, body } = await t.api.get(`/places?${query}`);
        expect({ status, code: body['code'] }).toEqual(MALFORMED);
      }
    });

    it('is rejected in a path, percent-encoded', async () => {
      const { status, body } = await t.api.get(`/places/${percent(bytes)}`);
      expect({ status, code: body['code'] }).toEqual(MALFORMED);
    });
  });

  it.each(['/api/v1/places?q=', '/api/v1/places/', '/'])('rejects raw bytes: %s', async (path) => {
    const rest = ' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    for (const bytes of [Buffer.from('가'), Buffer.from([0xb0, 0xa1])]) {
      const { status, body } = await sendRaw(t, `GET ${path}`, bytes, rest);
      expect({ status, code: body['code'] }).toEqual(MALFORMED);
    }
  });

  it.each(['q=100%', 'q=%u0041', 'q=%e'])('rejects broken percent-encoding in a query: %s', async (query) => {
    const { status, body } = await t.api.get(`/places?${query}`);
    expect({ status, code: body['code'] }).toEqual(MALFORMED);
  });

  it.each(['euc-kr', 'utf-16', 'iso-8859-1', '"ks_c_5601-1987"', 'utf-8; charset=euc-kr'])(
    'rejects a body declared as %s',
    async (charset) => {
      expect(await post('/auth/login', Buffer.from('{}'), `application/json; charset=${charset}`)).toEqual(UNSUPPORTED);
      expect(await post('/auth/login', Buffer.from('{}'), `application/json;Charset=${charset}`)).toEqual(UNSUPPORTED);
    },
  );

  it.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8'])('accepts a body declared as %s', async (charset) => {
    expect(await post('/auth/login', Buffer.from('{}'), `application/json; charset=${charset}`)).toEqual(INVALID);
  });

  it('accepts UTF-8 with and without a byte order mark', async () => {
    for (const mark of ['', '\ufeff']) {
      const body = Buffer.from(`${mark}{"name":"꽃 🌿"}`);
      expect(await post('/places', body)).toEqual(INVALID);
    }
  });

  it('rejects a password with a replacement character', async () => {
    const account = newAccount({ password: '\ufffd'.repeat(7) + 'acorns' });
    const signUp = await t.api.post('/auth/signup', account);
    expect(signUp.body).toMatchObject({ ...INVALID, errors: [{ pointer: '#/password' }] });
    const logIn = await t.api.post('/auth/login', { email: account.email, password: account.password });
    expect(logIn.body).toMatchObject({ ...INVALID, errors: [{ pointer: '#/password' }] });
    const change = { currentPassword: 'x', newPassword: account.password };
    const changed = await t.api.put('/auth/password', { token: user.token, body: change });
    expect(changed.body).toMatchObject({ ...INVALID, errors: [{ pointer: '#/newPassword' }] });
  });
});
