import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What a cached call did: `HIT` a kept value; `MISS` the method ran, and its value is kept for the next; `BYPASS` the
 * method ran and the cache was left aside (a condition, a transaction, nobody signed in, Redis away); `STALE` a value
 * past its time, since the method could not reach what it needs.
 */
export type CacheStatus = 'HIT' | 'MISS' | 'BYPASS' | 'STALE';

const SEVERITY: Readonly<Record<CacheStatus, number>> = { HIT: 0, MISS: 1, BYPASS: 2, STALE: 3 };

/** What cached calls below one caller share: a request, or the load of an outer cached call. */
interface CallScope {
  /** Asked when it is needed: the guards that find out run after the scope has been opened. */
  readonly userId: () => string | undefined;
  /** Tokens of the loads this call is part of, the innermost last. */
  readonly loading: readonly string[];
  outcome: CacheStatus | undefined;
}

const scopes = new AsyncLocalStorage<CallScope>();
const outsideOfAnyCall = AsyncLocalStorage.snapshot();

const nobody = () => undefined;

/**
 * Runs `work` as one request: its cached calls are seen by `currentCacheStatus`, and `userId` tells whom values of
 * `scope: 'user'` are for.
 */
export function runWithCacheStatus<T>(work: () => T, userId: () => string | undefined = nobody): T {
  return scopes.run({ userId, loading: [], outcome: undefined }, work);
}

/** The worst outcome so far of the cached calls in this request: HIT < MISS < BYPASS < STALE; undefined without any. */
export function currentCacheStatus(): CacheStatus | undefined {
  return scopes.getStore()?.outcome;
}

/** Notes what one cached call did; without a request around it nobody will ask, and nothing is noted. */
export function recordCacheStatus(outcome: CacheStatus): void {
  const scope = scopes.getStore();
  if (scope === undefined) return;
  if (scope.outcome === undefined || SEVERITY[outcome] > SEVERITY[scope.outcome]) scope.outcome = outcome;
}

/** The signed-in user of this request. */
export function currentUserId(): string | undefined {
  return scopes.getStore()?.userId();
}

/** Whether this call happens inside the load with that token, which therefore must not be waited for. */
export function isLoading(token: string): boolean {
  return scopes.getStore()?.loading.includes(token) ?? false;
}

/**
 * Runs a load and tells whether something stale went into it. One for everybody (`detached`) runs outside the context
 * of the request that happened to come first: no transaction, no identity, no log id of its caller reaches it.
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
