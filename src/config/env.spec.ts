import { randomBytes, randomInt } from 'node:crypto';
import { fastify } from 'fastify';
import { loadEnv } from './env.js';
import { InvalidSettingsError } from './env-reader.js';

const USABLE = {
  DATABASE_URL: 'postgres://eco:pw@localhost/eco',
  REDIS_URL: 'redis://localhost:6379',
  JWT_KEYS: 'vD2kq8Zr5yTb0pWm3xJc7nLf1sHg9uQe',
};

function problemsOf(settings: Record<string, string | undefined>): readonly string[] {
  try {
    loadEnv({ ...USABLE, ...settings });
  } catch (error) {
    if (error instanceof InvalidSettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('Env', () => {
  it('has the documented defaults', () => {
    expect(loadEnv(USABLE)).toMatchObject({
      port: 3000,
      host: '0.0.0.0',
      redisCacheUrl: USABLE.REDIS_URL,
      accessTokenTtlMs: 600_000,
      refreshTokenTtlMs: 14 * 86_400_000,
      refreshTokenMaxTtlMs: 90 * 86_400_000,
      refreshReuseWindowMs: 10_000,
      cacheTtlMs: 1_800_000,
      rateLimitAuth: 20,
      sampleData: false,
    });
  });

  it('treats an empty variable as unset', () => {
    expect(loadEnv({ ...USABLE, PORT: '' }).port).toBe(3000);
  });

  it.each([
    ['PORT', '70000', 'PORT is "70000"; it must be a whole number from 0 to 65535'],
    ['PORT', '3e3', 'PORT is "3e3"; it must be a whole number from 0 to 65535'],
    ['CACHE_TTL', '30', 'CACHE_TTL is "30"; it must be a duration from 1s to 30d, such as 500ms, 30s, 10m, 2h or 14d'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud"; it must be one of trace, debug, info, warn, error, silent'],
  ])('names the variable, value and rule of %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([problem]);
  });

  it.each(['1', 'nginx', '10.1', '010.0.0.1', '10.0.0.0/', '10.0.0.0/0', '10.0.0.0/33', 'fd00::/129', '::1/8/8'])(
    'rejects %s as a proxy',
    (entry) => {
      expect(problemsOf({ TRUSTED_PROXIES: `127.0.0.1, ${entry}` })).toEqual([
        `TRUSTED_PROXIES has "${entry}"; each entry must be an address, a network such as 10.0.0.0/8, ` +
          'or one of loopback, linklocal, uniquelocal',
      ]);
    },
  );

  it.each(['https://app.example/', 'https://App.example', 'https://app.example:443', 'app.example', 'null',
    'ftp://app.example', 'wss://app.example', 'file://', 'https://app.example/path', 'https://user@app.example',
    'capacitor://localhost/', 'capacitor://Localhost', 'capacitor:', 'capacitor://', 'capacitor://user@localhost',
    'capacitor://localhost?', 'capacitor://localhost#x', 'data:text/html'])('rejects %s as an origin', (entry) => {
    expect(problemsOf({ CORS_ORIGINS: `https://app.example, ${entry}` })).toEqual([
      `CORS_ORIGINS has "${entry}"; each entry must be an origin as browsers send it, such as https://app.example, ` +
        'http://localhost:5173 or capacitor://localhost: no path, no default port, lower case',
    ]);
  });

  it.each(['*', 'https://*.example', 'https://*', '*://app.example', 'capacitor://*', 'http://localhost:*'])(
    'rejects the wildcard %s with a remedy',
    (entry) => {
      expect(problemsOf({ CORS_ORIGINS: entry })).toEqual([
        `CORS_ORIGINS has "${entry}"; each entry must be no wildcard (responses allow credentials): ` +
          'list every origin, such as https://app.example',
      ]);
    },
  );

  it('accepts proxies in Fastify’s forms, and origins as browsers send them', () => {
    const trustedProxies = ['10.0.0.0/8', '127.0.0.1', 'fd00::/8', '::1', 'loopback', 'linklocal', 'uniquelocal'];
    const corsOrigins = [
      ...['https://app.example', 'http://localhost:5173', 'https://xn--9i1b782a.example', 'http://[::1]:8080'],
      ...['capacitor://localhost', 'ionic://localhost', 'tauri://localhost', 'app+v2.x-y://localhost:8080'],
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    ];
    const settings = { TRUSTED_PROXIES: trustedProxies.join(', '), CORS_ORIGINS: corsOrigins.join() };
    expect(loadEnv({ ...USABLE, ...settings })).toMatchObject({ trustedProxies, corsOrigins });
    expect(() => fastify({ trustProxy: trustedProxies })).not.toThrow();
  });

  it('never quotes a rejected secret', () => {
    const problems = problemsOf({ JWT_KEYS: 'tooshort', DATABASE_URL: 'mysql://eco:hunter2@localhost' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toMatch(/tooshort|hunter2/);
  });

  it.each([
    ['one letter', 'a'.repeat(64)],
    ['one letter but the last', `${'a'.repeat(40)}b`],
    ['a repeated word', 'changeme'.repeat(5)],
    ['a repeated word of Hangul', '비밀키'.repeat(12)],
    ['repeated digits', '0123456789abcdef'.repeat(2)],
    ['a run of the alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['a run of the alphabet backwards', 'zyxwvutsrqponmlkjihgfedcba9876543210'],
    ['a few letters, each repeated', 'aaaaaaaabbbbbbbbccccccccdddddddd'],
    ['words with hyphens and digits', 'my-super-secret-jwt-signing-key-1234'],
    ['words with hyphens', 'this-is-the-production-jwt-signing-key'],
    ['words with underscores', 'please_change_this_secret_before_production'],
    ['words without separators', 'supersecretsupersecretsecretkeyforjwt'],
    ['words and a year', 'ecogreen-seoul-production-secret-key-2026'],
    ['short words among others', 'this-is-a-secret-key-please-change-me-now'],
  ])('rejects a key of %s in any position', (_name, weak) => {
    expect(problemsOf({ JWT_KEYS: weak })).toEqual([expect.stringMatching(/^JWT_KEYS .* random .*openssl rand/)]);
    expect(problemsOf({ JWT_KEYS: `${USABLE.JWT_KEYS},${weak}` })).toHaveLength(1);
    expect(problemsOf({ JWT_KEYS: weak }).join()).not.toContain(weak);
  });

  it.each(['x'.repeat(64), 'token'.repeat(8), '1234567890123456'])('rejects the metrics token %s', (weak) => {
    expect(problemsOf({ METRICS_TOKEN: weak })).toEqual([expect.stringMatching(/^METRICS_TOKEN .* random /)]);
  });

  it('accepts random keys in any notation', () => {
    for (let n = 0; n < 200; n++) {
      const keys = [
        randomBytes(16).toString('hex'),
        randomBytes(16).toString('hex').toUpperCase(),
        randomBytes(24).toString('base64'),
        randomBytes(32).toString('base64url'),
        // Printable ASCII without the comma, which separates keys.
        String.fromCharCode(...Array.from({ length: 32 }, () => randomInt(45, 127))),
      ];
      const settings = { JWT_KEYS: keys.join(), METRICS_TOKEN: randomBytes(8).toString('hex') };
      expect({ settings, problems: problemsOf(settings) }).toEqual({ settings, problems: [] });
    }
  });

  it('reports every violation at once', () => {
    expect(problemsOf({ PORT: 'x', CACHE_TTL: 'x', JWT_KEYS: undefined })).toHaveLength(3);
  });

  it('rejects an idle lifetime longer than the maximum lifetime of a session', () => {
    expect(problemsOf({ REFRESH_TOKEN_TTL: '30d', REFRESH_TOKEN_MAX_TTL: '7d' })).toEqual([
      'REFRESH_TOKEN_TTL is longer than REFRESH_TOKEN_MAX_TTL; it must not be',
    ]);
  });
});
