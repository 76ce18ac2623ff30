import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable, settlesWithin } from '../../common/index.js';
import { isLoading } from './call-scope.js';
import type { LoadResult } from './single-flight.js';
import { copyFor, staleFallback, loadOnce, tokenOf } from './load-once.js';
import type { LoadRequest, Miss, CacheMiss } from './load-request.js';
import { isDegradedLoad, loadWithoutCache } from './load-without-cache.js';
import { withinLimits } from './time-limits.js';

/** Delays between polls, in milliseconds. They grow with the wait, so that a long one costs few polls. */
const POLL_MIN_MS = 4;
const POLL_MAX_MS = 250;
const POLL_GROWTH = 1.5;
/** Share of a delay that is left out by chance: processes that began to wait together do not poll together. */
const POLL_JITTER = 0.2;

type Away = Extract<Miss, { readonly kind: 'unavailable' }>;

/**
 * Loads what was missed and keeps it. A caller who has waited as long as the limits allow is answered without it; the
 * load runs on, and what it gives is stored through its lease or not at all.
 */
export async function loadMissed(request: LoadRequest, missed: readonly CacheMiss[]): Promise<LoadResult> {
  const [only] = missed;
  if (isDegradedLoad(request, missed)) return withinLimits(loadWithoutCache(request, missed), { request, missed });
  const shared = request.targets.length === 1 && !request.forceLoad && only !== undefined;
  return shared ? loadTogether(request, only) : withinLimits(loadOnce(request, missed), { request, missed });
}

/** Callers who miss the same entry share one load: in this process by its token, across processes by its lease. */
async function loadTogether(request: LoadRequest, missed: CacheMiss): Promise<LoadResult> {
  const { target, lookup } = missed;
  const token = tokenOf(lookup);
  // A method that asks for the very entry it is loading would wait for itself.
  if (token === undefined || isLoading(token)) {
    return withinLimits(loadOnce(request, [missed]), { request, missed: [missed] });
  }
  const load = () => loadOnce(request, [missed]);
  const holds = lookup.kind === 'lease';
  const start = holds ? load : () => waitAndLoad(request, missed);
  const { result: landing, joined, startedAt } = target.region.singleFlight.join(token, holds, start);
  const copied = joined ? join(landing, startedAt, { request, missed, load }) : landing;
  return withinLimits(copied, { request, missed: [missed], startedAt, joined });
}

interface Joining {
  readonly request: LoadRequest;
  readonly missed: CacheMiss;
  readonly load: () => Promise<LoadResult>;
}

/**
 * A copy of what another caller's load gives. Past the time of its lease it could not be kept any more: of all who have
 * waited one gets the next lease, and the others join that one.
 */
async function join(
  landing: Promise<LoadResult>,
  startedAt: number,
  { request, missed, load }: Joining,
): Promise<LoadResult> {
  const { target } = missed;
  const { stats, settings } = target.region;
  if (await settlesWithin(landing, startedAt + settings.localWaitMs - performance.now())) {
    return copyFor(missed, await landing, load);
  }
  stats.waitTimeouts += 1;
  const lookup = await target.region.lookup(target);
  return lookup.kind === 'hit' ? { ...lookup, outcome: 'MISS' } : loadMissed(request, [{ target, lookup }]);
}

/** Waits for the holder of the lease; past the bound, loads and keeps nothing. */
async function waitAndLoad(request: LoadRequest, missed: CacheMiss): Promise<LoadResult> {
  const { target } = missed;
  target.region.stats.waits += 1;
  const deadline = performance.now() + waitMsOf(request, missed);
  for (let delayMs = POLL_MIN_MS; ; delayMs = Math.min(delayMs * POLL_GROWTH, POLL_MAX_MS)) {
    await sleep(Math.max(0, Math.min(delayMs * (1 - POLL_JITTER * Math.random()), deadline - performance.now())));
    const lookup = await target.region.lookup(target, 0, true);
    if (lookup.kind === 'hit') return { ...lookup, outcome: 'MISS' };
    if (lookup.kind === 'lease') return loadTogether(request, { target, lookup });
    if (lookup.kind === 'unavailable') return loadInTurn(request, missed, lookup);
    // Looked at after the lookup: that this process was late says nothing of the holder.
    if (performance.now() >= deadline) break;
  }
  target.region.stats.waitTimeouts += 1;
  return loadOnce(request, [missed]);
}

/**
 * Loads when the cache has failed during a wait: with all who waited at that moment, so within the bound.
 * @param missed what the lookup before the wait gave: its value past its time answers when the load fails
 */
async function loadInTurn(request: LoadRequest, missed: CacheMiss, lookup: Away): Promise<LoadResult> {
  const away = [{ target: missed.target, lookup }];
  try {
    return await (isDegradedLoad(request, away) ? loadWithoutCache(request, away) : loadOnce(request, away));
  } catch (error) {
    const last = isUnavailable(error) ? staleFallback([missed]) : undefined;
    if (last === undefined) throw error;
    return last;
  }
}

/** Whoever can be answered with a value past its time leaves the load to its holder until then. */
function waitMsOf({ remoteWaitMs: waitMs, limits }: LoadRequest, missed: CacheMiss): number {
  const usual = waitMs ?? missed.target.region.settings.remoteWaitMs;
  return limits?.softMs === undefined || staleFallback([missed]) === undefined ? usual : Math.max(usual, limits.softMs);
}
