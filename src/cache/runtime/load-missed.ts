import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable, settlesWithin } from '../../common/index.js';
import { isLoading } from './call-scope.js';
import type { LoadResult } from './single-flight.js';
import { copyFor, staleFallback, loadOnce, tokenOf } from './load-once.js';
import type { LoadRequest, Miss, CacheMiss } from './load-request.js';
import { isDegradedLoad, loadWithoutCache } from './load-without-cache.js';
import { withinLimits } from './time-limits.js';

/** Poll interval in milliseconds. It grows with the wait, so that a long wait costs few polls. */
const POLL_MIN_MS = 4;
const POLL_MAX_MS = 250;
const POLL_GROWTH = 1.5;
/** Random share subtracted from an interval, so that processes that began to wait together do not poll together. */
const POLL_JITTER = 0.2;

type UnavailableMiss = Extract<Miss, { readonly kind: 'unavailable' }>;

/**
 * Loads missing entries and caches the result. A caller whose time limit passes stops waiting; the load continues, and
 * its result is stored under its lease or not at all.
 */
export async function loadMissed(request: LoadRequest, missed: readonly CacheMiss[]): Promise<LoadResult> {
  const [only] = missed;
  if (isDegradedLoad(request, missed)) return withinLimits(loadWithoutCache(request, missed), { request, missed });
  const shared = request.targets.length === 1 && !request.forceLoad && only !== undefined;
  return shared ? loadTogether(request, only) : withinLimits(loadOnce(request, missed), { request, missed });
}

/** Single flight for callers that miss the same entry: within this process by token, across processes by lease. */
async function loadTogether(request: LoadRequest, missed: CacheMiss): Promise<LoadResult> {
  const { target, lookup } = missed;
  const token = tokenOf(lookup);
  // A method that requests the entry it is loading would wait for itself.
  if (token === undefined || isLoading(token)) {
    return withinLimits(loadOnce(request, [missed]), { request, missed: [missed] });
  }
  const load = () => loadOnce(request, [missed]);
  const holds = lookup.kind === 'lease';
  const start = holds ? load : () => waitAndLoad(request, missed);
  const { result, joined, startedAt } = target.region.singleFlight.join(token, holds, start);
  const copied = joined ? join(result, startedAt, { request, missed, load }) : result;
  return withinLimits(copied, { request, missed: [missed], startedAt, joined });
}

interface Joining {
  readonly request: LoadRequest;
  readonly missed: CacheMiss;
  readonly load: () => Promise<LoadResult>;
}

/**
 * A copy of the result of another caller's load. After `localWaitMs` that result could no longer be cached: one of the
 * waiting callers gets the next lease, and the others join its load.
 */
async function join(
  result: Promise<LoadResult>,
  startedAt: number,
  { request, missed, load }: Joining,
): Promise<LoadResult> {
  const { target } = missed;
  const { stats, settings } = target.region;
  if (await settlesWithin(result, startedAt + settings.localWaitMs - performance.now())) {
    return copyFor(missed, await result, load);
  }
  stats.leaseWaitTimeouts += 1;
  const lookup = await target.region.lookup(target);
  return lookup.kind === 'hit' ? { ...lookup, outcome: 'MISS' } : loadMissed(request, [{ target, lookup }]);
}

/** Waits for the lease holder; after the maximum wait, loads without caching the result. */
async function waitAndLoad(request: LoadRequest, missed: CacheMiss): Promise<LoadResult> {
  const { target } = missed;
  target.region.stats.leaseWaits += 1;
  const deadline = performance.now() + waitMsOf(request, missed);
  for (let delayMs = POLL_MIN_MS; ; delayMs = Math.min(delayMs * POLL_GROWTH, POLL_MAX_MS)) {
    await sleep(Math.max(0, Math.min(delayMs * (1 - POLL_JITTER * Math.random()), deadline - performance.now())));
    const lookup = await target.region.lookup(target, 0, true);
    if (lookup.kind === 'hit') return { ...lookup, outcome: 'MISS' };
    if (lookup.kind === 'lease') return loadTogether(request, { target, lookup });
    if (lookup.kind === 'unavailable') return loadInTurn(request, missed, lookup);
    // Checked after the lookup: a delay of this process says nothing about the lease holder.
    if (performance.now() >= deadline) break;
  }
  target.region.stats.leaseWaitTimeouts += 1;
  return loadOnce(request, [missed]);
}

/**
 * Loads when the cache has become unavailable during a wait. All callers that waited load at the same moment, so the
 * bulkhead limits them.
 * @param missed result of the lookup before the wait; its stale value is returned when the source is unavailable
 */
async function loadInTurn(request: LoadRequest, missed: CacheMiss, lookup: UnavailableMiss): Promise<LoadResult> {
  const misses = [{ target: missed.target, lookup }];
  try {
    return await (isDegradedLoad(request, misses) ? loadWithoutCache(request, misses) : loadOnce(request, misses));
  } catch (error) {
    const last = isUnavailable(error) ? staleFallback([missed]) : undefined;
    if (last === undefined) throw error;
    return last;
  }
}

/** Maximum wait for the lease holder; with a stale fallback, at least the soft limit. */
function waitMsOf({ remoteWaitMs, limits }: LoadRequest, missed: CacheMiss): number {
  const usual = remoteWaitMs ?? missed.target.region.settings.remoteWaitMs;
  return limits?.softMs === undefined || staleFallback([missed]) === undefined ? usual : Math.max(usual, limits.softMs);
}
