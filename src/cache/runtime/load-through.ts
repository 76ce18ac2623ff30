import type { PreparedResponse } from '../../common/index.js';
import type { CachedResponse, Lookup } from '../manager/entry-codec.js';
import { recordCacheStatus } from './call-scope.js';
import { verifyHit } from './verify-hit.js';
import { earlyRefreshFactor, refreshEarly } from './early-refresh.js';
import { loadMissed } from './load-missed.js';
import { releaseLeases } from './load-once.js';
import type { LoadRequest, CacheMiss, Target } from './load-request.js';

type Hit = Extract<Lookup, { readonly kind: 'hit' }>;

/**
 * Returns the value of the first target that has one; otherwise loads once, caches the result in all targets and
 * returns it. Records the cache status for the request.
 */
export function loadThrough(request: LoadRequest): Promise<unknown> {
  const [only, ...others] = request.targets;
  return only === undefined || others.length > 0 || request.forceLoad ? askAll(request) : askOne(request, only);
}

/**
 * The response stored beside the value of a target, or one built from the value, cached or loaded.
 * @param answerOf builds a response from a value
 */
export function loadResponse(
  request: LoadRequest,
  target: Target,
  answerOf: (value: unknown) => PreparedResponse,
): Promise<PreparedResponse> {
  return target.region.lookupResponse(target, earlyRefreshFactor(request, target), (found) => {
    if (found.kind !== 'answer') return Promise.resolve(settle(request, target, found)).then(answerOf);
    countHit(request, target, found);
    return found.answer;
  });
}

// Most calls are hits, so this path creates no more promises than necessary.
function askOne(request: LoadRequest, target: Target): Promise<unknown> {
  const lookup = target.region.lookup(target, earlyRefreshFactor(request, target));
  return lookup.then((found) => settle(request, target, found));
}

/** The value, or a promise of it. */
function settle(request: LoadRequest, target: Target, lookup: Lookup): unknown {
  return lookup.kind === 'hit' ? hit(request, target, lookup) : miss(request, [{ target, lookup }]);
}

async function askAll(request: LoadRequest): Promise<unknown> {
  const missed: CacheMiss[] = [];
  for (const target of request.targets) {
    const lookup = await target.region.lookup(target, earlyRefreshFactor(request, target));
    if (lookup.kind !== 'hit') missed.push({ target, lookup });
    else if (!request.forceLoad) {
      await releaseLeases(missed);
      return hit(request, target, lookup);
    }
  }
  return miss(request, missed);
}

function hit(request: LoadRequest, target: Target, lookup: Hit): unknown {
  countHit(request, target, lookup);
  return lookup.value;
}

function countHit(request: LoadRequest, target: Target, { refresh }: Hit | CachedResponse): void {
  target.region.stats.hits += 1;
  recordCacheStatus('HIT');
  if (refresh === undefined) verifyHit(request, target);
  else refreshEarly(request, target, refresh);
}

async function miss(request: LoadRequest, missed: readonly CacheMiss[]): Promise<unknown> {
  const { value, outcome } = await loadMissed(request, missed);
  const figure = ({ MISS: 'misses', BYPASS: 'bypasses', STALE: 'stale' } as const)[outcome];
  for (const { region } of request.targets) region.stats[figure] += 1;
  recordCacheStatus(outcome);
  return value;
}
