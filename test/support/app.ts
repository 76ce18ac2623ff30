import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { createAdapter, setUpApp } from '../../src/http/index.js';
import { Env, loadEnv } from '../../src/config/index.js';
import { Api } from './api.js';
import { TEST_JWT_KEYS } from './boot.js';
import { given } from './given.js';
import { provideDatabase, provideRedis } from './services.js';
import { relaxTimeLimits } from './time-limits.js';

/** One instance of the service, listening on a free port of this machine. */
export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly api: Api;
  readonly env: Env;
  close(): Promise<void>;
}

export interface TestAppOptions {
  /** Environment variables that differ from those of other tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Values that replace providers, by injection token. */
  readonly overrides?: readonly { readonly token: unknown; readonly value: unknown }[];
  /** Additional controllers of the test. */
  readonly controllers?: Type[];
}

/** Settings of tests whose subject is not a rate limit: no limits. */
export const NO_LIMITS = {
  RATE_LIMIT_ANONYMOUS: '0',
  RATE_LIMIT_USER: '0',
  RATE_LIMIT_PREMIUM: '0',
  RATE_LIMIT_ADMIN: '0',
  CONNECTIONS_PER_ADDRESS: '0',
};

/** The whole service as `main.ts` starts it, on a database and Redis key space of its own unless `env` names others. */
export async function createApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { env: ownEnv = {} } = options;
  const provided = await provideServices(ownEnv);
  const env = loadEnv({
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    JWT_KEYS: TEST_JWT_KEYS,
    LOG_LEVEL: 'silent',
    LOG_FORMAT: 'json',
    RATE_LIMIT_AUTH: '100000',
    ...NO_LIMITS,
    JOBS: 'off',
    ...provided.env,
    ...ownEnv,
  });
  const app = await start(env, options).catch(async (error: unknown) => {
    await provided.drop();
    throw error;
  });
  return {
    app,
    env,
    api: new Api(await app.getUrl()),
    close: async () => {
      await app.close();
      await provided.drop();
    },
  };
}

/** Instance for the tests of a `describe`. */
export interface SuiteApp extends TestApp {
  /** One more instance on the same servers, closed before this one. */
  useAnother(options?: TestAppOptions): TestApp;
}

/** Starts an instance for the tests of a `describe`, closed after them. A function may read what hooks have set. */
export function useApp(options: TestAppOptions | (() => TestAppOptions) = {}): SuiteApp {
  const instances: TestApp[] = [];
  let count = 0;
  const use = (readOptions: () => TestAppOptions) => {
    const index = count;
    count += 1;
    beforeAll(async () => {
      instances[index] = await createApp(readOptions());
    });
    return suiteApp(() => given(instances[index]));
  };
  const first = use(() => (typeof options === 'function' ? options() : options));
  afterAll(async () => {
    for (const instance of instances.splice(0).reverse()) await instance.close();
  });
  const useAnother = ({ env, ...rest }: TestAppOptions = {}) =>
    use(() => ({ ...rest, env: { ...serverSettings(first), ...env } }));
  return Object.assign(first, { useAnother });
}

/** Instance that reads all properties from the result of `read` at each access. */
export function suiteApp(read: () => TestApp): TestApp {
  return {
    get app() {
      return read().app;
    },
    get api() {
      return read().api;
    },
    get env() {
      return read().env;
    },
    close: () => read().close(),
  };
}

/** Settings with which another instance uses the same servers. */
function serverSettings({ env: { databaseUrl, redisUrl, redisCacheUrl } }: TestApp) {
  return { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, REDIS_CACHE_URL: redisCacheUrl };
}

async function start(env: Env, { overrides = [], controllers = [] }: TestAppOptions): Promise<NestFastifyApplication> {
  const builder = Test.createTestingModule({ imports: [AppModule], controllers }).overrideProvider(Env).useValue(env);
  for (const { token, value } of overrides) builder.overrideProvider(token).useValue(value);
  const module = await builder.compile();
  await relaxTimeLimits(module);
  const app = module.createNestApplication<NestFastifyApplication>(createAdapter(env), { bodyParser: false });
  try {
    await setUpApp(app);
    await app.listen(env.port, env.host);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Servers that `overrides` does not name are provided, and dropped again when the app is closed. */
async function provideServices(overrides: Readonly<Record<string, string>>) {
  const database = overrides['DATABASE_URL'] === undefined ? await provideDatabase() : undefined;
  const redis = overrides['REDIS_URL'] === undefined ? await provideRedis() : undefined;
  return {
    env: {
      ...(database && { DATABASE_URL: database.url }),
      ...(redis && { REDIS_URL: `${redis.url}/0`, REDIS_CACHE_URL: `${redis.url}/1` }),
    },
    drop: async () => {
      await Promise.all([database?.drop(), redis?.drop()]);
    },
  };
}
