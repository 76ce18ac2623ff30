import { EnvReader } from './env-reader.js';

/**
 * Every setting of the service, read once and checked: the only place that knows environment variables.
 * Fields named `…Ms` are milliseconds. A broken rule stops the start, naming variable, value and rule.
 *
 * @throws InvalidSettingsError from the constructor
 */
export class Env {
  constructor(private readonly reader: EnvReader) {
    reader.require(
      this.refreshTokenTtlMs <= this.refreshTokenMaxTtlMs,
      'REFRESH_TOKEN_TTL is longer than REFRESH_TOKEN_MAX_TTL; it must not be',
    );
    reader.finish();
  }

  /** `NODE_ENV`: what the process is for. */
  readonly mode = this.reader.oneOf('NODE_ENV', ['development', 'test', 'production'], 'development');

  /** `PORT` of the HTTP server; 0 takes a free one. */
  readonly port = this.reader.integer('PORT', { default: 3000, min: 0, max: 65_535 });
  /** `HOST`: the address the HTTP server listens on. */
  readonly host = this.reader.text('HOST', '0.0.0.0');

  /** `SHUTDOWN_DELAY`: for this long a server that is told to end serves on, but says that it is not ready. */
  readonly shutdownDelayMs = this.reader.durationMs('SHUTDOWN_DELAY', { default: '3s', min: '0s', max: '5m' });

  /** `DATABASE_URL`: PostgreSQL. */
  readonly databaseUrl = this.reader.url('DATABASE_URL', ['postgres', 'postgresql']);
  /** `DATABASE_POOL_SIZE`: connections to PostgreSQL a process holds at most; what stores notifications needs two. */
  readonly databasePoolSize = this.reader.integer('DATABASE_POOL_SIZE', { default: 10, min: 2, max: 200 });

  /** `REDIS_URL`: the durable Redis (tokens, sessions, limits): one server, behind Sentinel, or a Cluster. */
  readonly redisUrl = this.reader.redisAddress('REDIS_URL');
  /** `REDIS_CACHE_URL`: the cache Redis; the durable one unless set. */
  readonly redisCacheUrl = this.reader.redisAddress('REDIS_CACHE_URL', this.redisUrl || undefined);

  /** `JWT_KEYS`: secrets of access tokens, device tokens and cursors; the first signs, the others still verify. */
  readonly jwtKeys = this.reader.secrets('JWT_KEYS', 32);
  /** `ACCESS_TOKEN_TTL`: life of an access token. */
  readonly accessTokenTtlMs = this.reader.durationMs('ACCESS_TOKEN_TTL', { default: '10m', min: '1s', max: '1d' });
  /** `REFRESH_TOKEN_TTL`: a session unused for this long ends. */
  readonly refreshTokenTtlMs = this.reader.durationMs('REFRESH_TOKEN_TTL', { default: '14d', min: '1s', max: '365d' });
  /** `REFRESH_TOKEN_MAX_TTL`: a session ends this long after login, used or not. */
  readonly refreshTokenMaxTtlMs = this.reader.durationMs('REFRESH_TOKEN_MAX_TTL', {
    default: '90d',
    min: '1s',
    max: '365d',
  });
  /** `REFRESH_REUSE_WINDOW`: after a rotation, for how long the token before gets the same successor, which is kept. */
  readonly refreshReuseWindowMs = this.reader.durationMs('REFRESH_REUSE_WINDOW', {
    default: '10s',
    min: '0s',
    max: '60s',
  });

  /** `CACHE_TTL`: how long a cached value lives unless its cache says otherwise. */
  readonly cacheTtlMs = this.reader.durationMs('CACHE_TTL', { default: '30m', min: '1s', max: '30d' });
  /** `CACHE_CHECK_ONE_IN`: one hit in so many is checked against its source, in the background; 0 for none. */
  readonly cacheCheckOneIn = this.reader.integer('CACHE_CHECK_ONE_IN', { default: 1_000, min: 0, max: 1_000_000_000 });

  /** `RATE_LIMIT_ANONYMOUS`: requests a minute from one address without an access token; 0 for no limit. */
  readonly rateLimitAnonymous = this.reader.integer('RATE_LIMIT_ANONYMOUS', {
    default: 60,
    min: 0,
    max: 1_000_000_000,
  });
  /** `RATE_LIMIT_USER`: requests a minute of one user; 0 for no limit. */
  readonly rateLimitUser = this.reader.integer('RATE_LIMIT_USER', { default: 100, min: 0, max: 1_000_000_000 });
  /** `RATE_LIMIT_PREMIUM`: requests a minute of one premium user; 0 for no limit. */
  readonly rateLimitPremium = this.reader.integer('RATE_LIMIT_PREMIUM', { default: 1_000, min: 0, max: 1_000_000_000 });
  /** `RATE_LIMIT_ADMIN`: requests a minute of one admin; 0 for no limit. */
  readonly rateLimitAdmin = this.reader.integer('RATE_LIMIT_ADMIN', { default: 10_000, min: 0, max: 1_000_000_000 });
  /** `RATE_LIMIT_AUTH`: sign-ups and logins a minute from one address. */
  readonly rateLimitAuth = this.reader.integer('RATE_LIMIT_AUTH', { default: 20, min: 1, max: 1_000_000 });

  /** `CONNECTIONS_PER_ADDRESS`: open connections of one address that is no trusted proxy; 0 for no limit. */
  readonly connectionsPerAddress = this.reader.integer('CONNECTIONS_PER_ADDRESS', {
    default: 200,
    min: 0,
    max: 100_000,
  });

  /**
   * `TRUSTED_PROXIES`: addresses, networks or names of networks whose `X-Forwarded-For` and `X-Forwarded-Host` are
   * believed.
   */
  readonly trustedProxies = this.reader.networks('TRUSTED_PROXIES');
  /** `CORS_ORIGINS`: origins that browsers and web views may call from, `scheme://host[:port]` as they send them. */
  readonly corsOrigins = this.reader.origins('CORS_ORIGINS');

  /** `JOBS`: whether this process works on jobs; a worker does in any case. */
  readonly jobs = this.reader.oneOf('JOBS', ['on', 'off'], 'on') === 'on';

  /** `METRICS_TOKEN`: who sends it may read `/metrics`; without one only the machine itself may. */
  readonly metricsToken = this.reader.optionalSecret('METRICS_TOKEN', 16);

  /** `SAMPLE_DATA`: whether an empty database is filled with made-up places and demo accounts; see `migrate.ts`. */
  readonly sampleData = this.reader.oneOf('SAMPLE_DATA', ['on', 'off'], 'off') === 'on';

  /** `LOG_LEVEL`. */
  readonly logLevel = this.reader.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info');
  /** `LOG_FORMAT`: `pretty` for people, `json` for machines. */
  readonly logFormat = this.reader.oneOf('LOG_FORMAT', ['pretty', 'json'], process.stdout.isTTY ? 'pretty' : 'json');
}

/** Settings from the environment of the process, or from `source` in a test. */
export function loadEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  return new Env(new EnvReader(source));
}
