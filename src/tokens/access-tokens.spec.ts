import { createHash, createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { TEST_KEYS } from '../../test/support/tokens.js';
import type { AppError } from '../common/index.js';
import { loadEnv } from '../config/index.js';
import { AccessTokens } from './access-tokens.js';
import { JwtKeys } from './jwt-keys.js';

const [KEY, PREVIOUS_KEY] = TEST_KEYS;
const ONE = randomUUID();
const OTHER = randomUUID();

function accessTokens(keys: string): AccessTokens {
  const env = loadEnv({ DATABASE_URL: 'postgres://unused', REDIS_URL: 'redis://unused', JWT_KEYS: keys });
  const own = new JwtKeys(env);
  return new AccessTokens(new JwtService(own.asOptions()), own, env);
}

const access = accessTokens(TEST_KEYS.join(','));

/** Code of the rejection; null if the token is accepted. */
function rejectionOf(token: string, by = access): string | null {
  try {
    by.verify(token);
    return null;
  } catch (error) {
    return (error as AppError).code;
  }
}

const now = () => Math.floor(Date.now() / 1_000);
const kidOf = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 16);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs a valid token, changed by `header` and `claims`. */
function forge(header: object, claims: object = {}, key: string = KEY, hash = 'sha256'): string {
  const issuer = { iss: 'ecogreen-seoul', aud: 'ecogreen-seoul-api' };
  const full = { ...issuer, sub: ONE, sid: OTHER, jti: randomUUID(), iat: now(), exp: now() + 600 };
  const head = encode({ alg: 'HS256', typ: 'at+jwt', kid: kidOf(KEY), ...header });
  const text = `${head}.${encode({ ...full, ...claims })}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

describe('access tokens', () => {
  it('contain user, session and expiry', () => {
    const token = access.sign(ONE, OTHER, now());
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: kidOf(KEY) });
    expect(JSON.parse(payload ?? '')).toEqual({
      iss: 'ecogreen-seoul',
      aud: 'ecogreen-seoul-api',
      sub: ONE,
      sid: OTHER,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    const { issuedAtS, expiresAtS, ...claims } = access.verify(token);
    expect(claims).toEqual({ userId: ONE, sessionId: OTHER, jti: expect.any(String) });
    expect(expiresAtS - issuedAtS).toBe(600);
  });

  it('accept the template of the forged tokens below', () => {
    expect(access.verify(forge({})).userId).toBe(ONE);
  });

  it.each<[string, () => string]>([
    ['no algorithm', () => forge({ alg: 'none' }).replace(/[^.]*$/, '')],
    ['no algorithm and a signature', () => forge({ alg: 'none' })],
    ['another HMAC under our key', () => forge({ alg: 'HS512' }, {}, KEY, 'sha512')],
    ['an algorithm of another family', () => forge({ alg: 'RS256' })],
    ['an embedded key (jwk)', () => forge({ jwk: { kty: 'oct', k: encode('mine') }, kid: undefined }, {}, 'mine')],
    ['an embedded key under our kid', () => forge({ jwk: { kty: 'oct', k: encode('mine') } }, {}, 'mine')],
    ['a link to a key (jku)', () => forge({ jku: 'https://evil.example/keys', kid: 'evil' }, {}, 'mine')],
    ['an unknown kid', () => forge({ kid: '0'.repeat(16) })],
    ['a kid that is a path', () => forge({ kid: '../../dev/null' }, {}, '')],
    ['a kid that is an object', () => forge({ kid: { toString: 1 } })],
    ['no kid', () => forge({ kid: undefined })],
    ['the kid of one key and the signature of another', () => forge({ kid: kidOf(PREVIOUS_KEY) })],
    ['the type of an ordinary JWT', () => forge({ typ: 'JWT' })],
    ['no type', () => forge({ typ: undefined })],
    ['another issuer', () => forge({}, { iss: 'https://evil.example' })],
    ['another audience', () => forge({}, { aud: 'another-api' })],
    ['no issuer', () => forge({}, { iss: undefined })],
    ['no audience', () => forge({}, { aud: undefined })],
    ['a user id that is no UUID', () => forge({}, { sub: '*' })],
    ['a session id that is no UUID', () => forge({}, { sid: `${OTHER}:x` })],
    ['a UUID in capitals', () => forge({}, { sub: ONE.toUpperCase() })],
    ['no jti', () => forge({}, { jti: undefined })],
    ['no expiry', () => forge({}, { exp: undefined })],
    ['an expiry that is a text', () => forge({}, { exp: '9999999999' })],
    ['an endless expiry', () => forge({}, { exp: 1e300 })],
    ['another audience and long expired', () => forge({}, { aud: 'another-api', exp: 1 })],
    ['no segments', () => 'BearerBearer'],
    ['nothing', () => ''],
    ['a header that is null', () => `${encode(null)}.${encode({})}.x`],
    ['a payload that is a text', () => forge({}).replace(/\.[^.]*\./, `.${encode('text')}.`)],
  ])('reject %s', (_what, make) => {
    expect(rejectionOf(make())).toBe('INVALID_ACCESS_TOKEN');
  });

  it('reject the public half of an RSA key used as a secret', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(rejectionOf(forge({}, {}, pem))).toBe('INVALID_ACCESS_TOKEN');
  });

  it('leave the expiry to the clock of Redis', () => {
    expect(rejectionOf(forge({}, { exp: now() - 1 }))).toBeNull();
    expect(rejectionOf(forge({}, { exp: now() - 1 }, 'mine'))).toBe('INVALID_ACCESS_TOKEN');
  });

  it('are valid under the previous key until it is removed', () => {
    const issuedBefore = accessTokens(PREVIOUS_KEY).sign(ONE, OTHER, now());
    expect(access.verify(issuedBefore).userId).toBe(ONE);
    expect(rejectionOf(issuedBefore, accessTokens(KEY))).toBe('INVALID_ACCESS_TOKEN');
  });
});
