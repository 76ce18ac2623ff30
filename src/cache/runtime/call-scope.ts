import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Cache status of a call. `HIT`: a cached value. `MISS`: the method ran, and its value was cached. `BYPASS`: the method
 * ran without the cache (a condition, a transaction, no signed-in user, Redis unavailable). `STALE`: an expired value,
 * because the method could not reach a dependency.
 */
export type CacheStatus = 'HIT' | 'MISS' | 'BYPASS' | 'STALE';

const SEVERITY: Readonly<Record<CacheStatus, number>> = { HIT: 0, MISS: 1, BYPASS: 2, STALE: 3 };

/** State shared by the cached calls below one caller: a request, or the load of an outer cached call. */
interface CallScope {
  /** Evaluated lazily: the guards that determine the user run after the scope has been opened. */
  readonly userId: () => string | undefined;
  /** Tokens of the loads that this call is part of, innermost last. */
  readonly loading: readonly string[];
  outcome: CacheStatus | undefined;
}

const scopes = new AsyncLocalStorage<CallScope>();
const outsideOfAnyCall = AsyncLocalStorage.snapshot();

const nobody = () => undefined;

/**
 * Runs `work` as one request: `currentCacheStatus` covers its cached calls, and `userId` returns the owner of values
 * with `scope: 'user'`.
 */
export function runWithCacheStatus<T>(work: () => T, userId: () => string | undefined = nobody): T {
  return scopes.run({ userId, loading: [], outcome: undefined }, work);
}

/** The most severe status so far of this request's cached calls: HIT < MISS < BYPASS < STALE; undefined without any. */
export function currentCacheStatus(): CacheStatus | undefined {
  return scopes.getStore()?.outcome;
}

/** Records the status of one cached call; no effect outside a request, where nothing reads it. */
export function recordCacheStatus(outcome: CacheStatus): void {
  const scope = scopes.getStore();
  if (scope === undefined) return;
  if (scope.outcome === undefined || SEVERITY[outcome] > SEVERITY[scope.outcome]) scope.outcome = outcome;
}

/** Id of the signed-in user of this request. */
export function currentUserId(): string | undefined {
  return scopes.getStore()?.userId();
}

/** Whether this call runs inside the load with that token, and therefore must not wait for it. */
export function isLoading(token: string): boolean {
  return scopes.getStore()?.loading.includes(token) ?? false;
}

/**
 * Runs a load and returns whether a stale value went into it. A load shared by all users (`detached`) runs outside the
 * context of the request that happened to start it: without its transaction, identity or log id.
 */
export async function runLoad<T>(
  load: () => Promise<T>,
  { tokens, detached }: { readonly tokens: readonly string[]; readonly detached: boolean },
): Promise<{ readonly value: T; readonly stale: boolean }> {
  const outer = scopes.getStore();
  const scope: CallScope = {
    userId: detached || outer === undefined ? nobody : outer.userId,
    loading: [...(outer?.loading ?? []), ...tokens],
    outcome: undefined,
  };
  const run = () => scopes.run(scope, load);
  const value = await (detached ? outsideOfAnyCall(run) : run());
  return { value, stale: scope.outcome === 'STALE' };
}
