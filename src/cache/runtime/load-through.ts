import type { JsonAnswer } from '../../common/index.js';
import type { KeptAnswer, Lookup } from '../manager/cache-region.js';
import { hasteOf, refreshEarly } from './early-refresh.js';
import { loadMissed } from './load-missed.js';
import { releaseLeases } from './load-once.js';
import type { Loaded, LoadRequest, Missed, Target } from './load-request.js';

type Hit = Extract<Lookup, { readonly kind: 'hit' }>;

/**
 * Answers from the first target that has a value; else loads once, keeps the result in all targets and answers with
 * it.
 */
export function loadThrough(request: LoadRequest): Promise<Loaded> {
  const [only, ...others] = request.targets;
  return only === undefined || others.length > 0 || request.always ? askAll(request) : askOne(request, only);
}

/** The answer that is kept beside the value of a target, or else that value, found or loaded. */
export async function loadAnswer(request: LoadRequest, target: Target): Promise<Loaded | JsonAnswer> {
  const lookup = await target.region.lookupAnswer(target.key, target.tags, hasteOf(request, target));
  if (lookup.kind !== 'answer') return settle(request, target, lookup);
  countHit(request, target, lookup);
  return lookup.answer;
}

// A hit is what most calls are: no promise more than it takes.
function askOne(request: LoadRequest, target: Target): Promise<Loaded> {
  const lookup = target.region.lookup(target.key, target.tags, hasteOf(request, target));
  return lookup.then((found) => settle(request, target, found));
}

function settle(request: LoadRequest, target: Target, lookup: Lookup): Loaded | Promise<Loaded> {
  return lookup.kind === 'hit' ? hit(request, target, lookup) : miss(request, [{ target, lookup }]);
}

async function askAll(request: LoadRequest): Promise<Loaded> {
  const missed: Missed[] = [];
  for (const target of request.targets) {
    const lookup = await target.region.lookup(target.key, target.tags, hasteOf(request, target));
    if (lookup.kind !== 'hit') missed.push({ target, lookup });
    else if (!request.always) {
      await releaseLeases(missed);
      return hit(request, target, lookup);
    }
  }
  return miss(request, missed);
}

function hit(request: LoadRequest, target: Target, lookup: Hit): Loaded {
  countHit(request, target, lookup);
  return { value: lookup.value, outcome: 'HIT' };
}

function countHit(request: LoadRequest, target: Target, { refresh }: Hit | KeptAnswer): void {
  target.region.stats.hits += 1;
  if (refresh !== undefined) refreshEarly(request, target, refresh);
}

async function miss(request: LoadRequest, missed: readonly Missed[]): Promise<Loaded> {
  const loaded = await loadMissed(request, missed);
  const figure = ({ MISS: 'misses', BYPASS: 'bypasses', STALE: 'stale' } as const)[loaded.outcome];
  for (const { region } of request.targets) region.stats[figure] += 1;
  return loaded;
}
