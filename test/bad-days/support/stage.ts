import { newAccount, type Account, type TokenPairBody } from '../../support/accounts.js';
import type { Answer } from '../../support/api.js';
import { createApp, type TestApp } from '../../support/app.js';
import { provideDatabase, providePostgres, provideRedis, type ProvidedServer } from '../../support/services.js';
import { provideProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { keepTimeLimits } from '../../support/time-limits.js';
import { stopwatch } from '../../support/stopwatch.js';

keepTimeLimits();

/** A server that the service depends on, and the network in between. */
export interface Dependency {
  readonly server: ProvidedServer;
  readonly proxy: TcpProxy;
}

/** The service on servers of its own, each behind a network of its own. */
export interface Stage {
  readonly t: TestApp;
  readonly store: Dependency;
  readonly cache: Dependency;
  /** Only on a stage that has a PostgreSQL of its own. */
  readonly postgres: Dependency | undefined;
  close(): Promise<void>;
}

export interface StageOptions {
  /** A PostgreSQL that may be stopped, in about 2 s more. */
  readonly withPostgres?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the cache Redis. */
  readonly cacheSettings?: Record<string, string | number>;
}

/** At most so many logins and sign-ups a minute from one address. */
export const LOGINS_A_MINUTE = 8;

export async function setStage({ withPostgres = false, env = {}, cacheSettings }: StageOptions = {}): Promise<Stage> {
  const postgres = withPostgres ? await behindProxy(providePostgres()) : undefined;
  const database = postgres ? undefined : await provideDatabase();
  const store = await behindProxy(provideRedis('store'));
  const cache = await behindProxy(provideRedis('cache', cacheSettings));
  const t = await createApp({
    env: {
      DATABASE_URL: postgres?.proxy.url ?? database?.url ?? '',
      REDIS_URL: store.proxy.url,
      REDIS_CACHE_URL: cache.proxy.url,
      // No reuse window: a token that still works afterwards has not been consumed, not merely forgiven.
      REFRESH_REUSE_WINDOW: '0s',
      // Everybody comes from an address of their own.
      TRUSTED_PROXIES: '127.0.0.1',
      RATE_LIMIT_AUTH: String(LOGINS_A_MINUTE),
      ...env,
    },
  });
  const dependencies = [store, cache, ...(postgres ? [postgres] : [])];
  return {
    t,
    store,
    cache,
    postgres,
    close: async () => {
      await Promise.all(dependencies.map(({ proxy }) => proxy.heal()));
      await t.close();
      await Promise.all(dependencies.map(drop));
      await database?.drop();
    },
  };
}

/** What a dependency does on a bad day, how long an answer may then take (ms), and how it is well again. */
export interface BadDay {
  readonly state: string;
  readonly budgetMs: number;
  begin(dependency: Dependency): Promise<void> | void;
  end(dependency: Dependency): Promise<void> | void;
}

/** Longer than any time limit, there and back. */
const SLOW_MS = 800;

export const BAD_DAYS: readonly BadDay[] = [
  {
    state: 'refused',
    budgetMs: 1_000,
    begin: async ({ server, proxy }) => {
      await Promise.all([proxy.refuse(), server.stop()]);
    },
    end: async ({ server, proxy }) => {
      await server.start();
      await proxy.heal();
    },
  },
  {
    state: 'frozen',
    budgetMs: 2_000,
    begin: ({ server }) => {
      server.pause();
    },
    end: ({ server }) => {
      server.resume();
    },
  },
  {
    state: 'slow',
    budgetMs: 2_000,
    begin: ({ proxy }) => {
      proxy.delay({ toServer: SLOW_MS, toClient: SLOW_MS });
    },
    end: ({ proxy }) => proxy.heal(),
  },
];

/** The slowest answer of the day. */
let slowestMs = 0;

/** Lets a bad day begin. Gives what ends it and tells the figures of the day, which may be called more than once. */
export async function startDay(day: BadDay, dependency: Dependency): Promise<() => Promise<void>> {
  slowestMs = 0;
  await day.begin(dependency);
  let ended: Promise<void> | undefined;
  return () => {
    if (ended !== undefined) return ended;
    if (slowestMs > 0) process.stdout.write(`${day.state}: the slowest answer took ${Math.round(slowestMs)} ms\n`);
    return (ended = Promise.resolve(day.end(dependency)));
  };
}

/** Waits until all is well again, for at most 5 s, and tells how long that took. */
export async function untilWell(what: string, isWell: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  await until(isWell, 5_000);
  process.stdout.write(`${what}: well again after ${Math.round(performance.now() - startedAt)} ms\n`);
}

/** An answer, and how long it took in ms. */
export async function timed<T>(call: () => Promise<Answer<T>>): Promise<Answer<T> & { readonly tookMs: number }> {
  const elapsedMs = stopwatch();
  const answer = await call();
  const tookMs = elapsedMs();
  slowestMs = Math.max(slowestMs, tookMs);
  return { ...answer, tookMs };
}

let addresses = 0;

/** Headers of a client at an address that nobody else has. */
export function newAddress(): { readonly 'x-forwarded-for': string } {
  addresses += 1;
  return { 'x-forwarded-for': `198.18.${addresses >> 8}.${addresses & 255}` };
}

/** Somebody who has signed up and logged in. */
export async function somebody({ t }: Stage): Promise<Account> {
  const headers = newAddress();
  const account = newAccount();
  const { status, body, text } = await t.api.post<{ id: string }>('/auth/signup', account, { headers });
  if (status !== 201) throw new Error(`sign-up answered ${status}: ${text}`);
  const { email, password } = account;
  const login = await t.api.post<TokenPairBody>('/auth/login', { email, password }, { headers });
  if (login.status !== 200) throw new Error(`login answered ${login.status}: ${login.text}`);
  const { accessToken, refreshToken } = login.body;
  return { ...account, id: body.id, accessToken, refreshToken };
}

async function behindProxy(providing: Promise<ProvidedServer>): Promise<Dependency> {
  const server = await providing;
  return { server, proxy: await provideProxy(server.url) };
}

async function drop({ server, proxy }: Dependency): Promise<void> {
  await proxy.close();
  await server.drop();
}
