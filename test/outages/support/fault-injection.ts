import { signUp, type Account } from '../../support/accounts.js';
import type { ApiResponse } from '../../support/api.js';
import { createApp, type TestApp } from '../../support/app.js';
import { provideDatabase, providePostgres, provideRedis, type ProvidedServer } from '../../support/services.js';
import { provideProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { keepTimeLimits } from '../../support/time-limits.js';
import { stopwatch } from '../../support/stopwatch.js';

keepTimeLimits();

/** A server that the service depends on, and the proxy in front of it. */
export interface Dependency {
  readonly server: ProvidedServer;
  readonly proxy: TcpProxy;
}

/** One instance of the service; each of its servers is behind a proxy that can inject network faults. */
export interface FaultInjectionEnv {
  readonly t: TestApp;
  readonly store: Dependency;
  readonly cache: Dependency;
  /** Only with `withPostgres`; otherwise the suite shares a PostgreSQL with others. */
  readonly postgres: Dependency | undefined;
  close(): Promise<void>;
}

export interface FaultEnvOptions {
  /** Provides a PostgreSQL process that may be stopped; takes about 2 s more. */
  readonly withPostgres?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the cache Redis. */
  readonly cacheSettings?: Record<string, string | number>;
}

/** Logins and sign-ups allowed per minute and address. */
export const LOGINS_A_MINUTE = 8;

export async function createFaultEnv(options: FaultEnvOptions = {}): Promise<FaultInjectionEnv> {
  const { withPostgres = false, env = {}, cacheSettings } = options;
  const postgres = withPostgres ? await behindProxy(providePostgres()) : undefined;
  const database = postgres ? undefined : await provideDatabase();
  const store = await behindProxy(provideRedis('store'));
  const cache = await behindProxy(provideRedis('cache', cacheSettings));
  const t = await createApp({
    env: {
      DATABASE_URL: postgres?.proxy.url ?? database?.url ?? '',
      REDIS_URL: store.proxy.url,
      REDIS_CACHE_URL: cache.proxy.url,
      // No reuse window, in which a consumed token would work, too.
      REFRESH_REUSE_WINDOW: '0s',
      // Each client sends an address of its own.
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
      await Promise.all(dependencies.map(({ proxy }) => proxy.restore()));
      await t.close();
      await Promise.all(dependencies.map(drop));
      await database?.drop();
    },
  };
}

/** A fault of a dependency, the time budget of a response during it (ms), and how to inject and repair it. */
export interface Fault {
  readonly state: string;
  readonly budgetMs: number;
  inject(dependency: Dependency): Promise<void> | void;
  repair(dependency: Dependency): Promise<void> | void;
}

/** Delay in each direction, longer than any time limit. */
const SLOW_MS = 800;

export const FAULTS: readonly Fault[] = [
  {
    state: 'refused',
    budgetMs: 1_000,
    inject: async ({ server, proxy }) => {
      await Promise.all([proxy.refuse(), server.stop()]);
    },
    repair: async ({ server, proxy }) => {
      await server.start();
      await proxy.restore();
    },
  },
  {
    state: 'frozen',
    budgetMs: 2_000,
    inject: ({ server }) => {
      server.pause();
    },
    repair: ({ server }) => {
      server.resume();
    },
  },
  {
    state: 'slow',
    budgetMs: 2_000,
    inject: ({ proxy }) => {
      proxy.delay({ toServer: SLOW_MS, toClient: SLOW_MS });
    },
    repair: ({ proxy }) => proxy.restore(),
  },
];

/** Slowest response during the current fault. */
let slowestMs = 0;

/** Injects a fault. Returns a function that repairs the dependency and prints the slowest response; idempotent. */
export async function injectFault(fault: Fault, dependency: Dependency): Promise<() => Promise<void>> {
  slowestMs = 0;
  await fault.inject(dependency);
  let repaired: Promise<void> | undefined;
  return () => {
    if (repaired !== undefined) return repaired;
    if (slowestMs > 0) process.stdout.write(`${fault.state}: the slowest response took ${Math.round(slowestMs)} ms\n`);
    return (repaired = Promise.resolve(fault.repair(dependency)));
  };
}

/** Waits until the service has recovered, for at most 5 s, and prints how long that took. */
export async function untilRecovered(what: string, hasRecovered: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  await until(hasRecovered, 5_000);
  process.stdout.write(`${what}: recovered after ${Math.round(performance.now() - startedAt)} ms\n`);
}

/** A response and its duration in ms. */
export async function timed<T>(
  call: () => Promise<ApiResponse<T>>,
): Promise<ApiResponse<T> & { readonly tookMs: number }> {
  const elapsedMs = stopwatch();
  const response = await call();
  const tookMs = elapsedMs();
  slowestMs = Math.max(slowestMs, tookMs);
  return { ...response, tookMs };
}

let addresses = 0;

/** Headers of a client with an address of its own. */
export function newAddress(): { readonly 'x-forwarded-for': string } {
  addresses += 1;
  return { 'x-forwarded-for': `198.18.${addresses >> 8}.${addresses & 255}` };
}

/** Signs up and logs in from an address of its own, since these requests are limited per address. */
export function newClient({ t }: FaultInjectionEnv): Promise<Account> {
  return signUp(t.api, {}, { headers: newAddress() });
}

async function behindProxy(providing: Promise<ProvidedServer>): Promise<Dependency> {
  const server = await providing;
  return { server, proxy: await provideProxy(server.url) };
}

async function drop({ server, proxy }: Dependency): Promise<void> {
  await proxy.close();
  await server.drop();
}
