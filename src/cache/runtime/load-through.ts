import { hasteOf, refreshEarly } from './early-refresh.js';
import { loadMissed } from './load-missed.js';
import { releaseLeases } from './load-once.js';
import type { Loaded, LoadRequest, Missed } from './load-request.js';

/**
 * Answers from the first target that has a value; else loads once, keeps the result in all targets and answers with
 * it.
 */
export async function loadThrough(request: LoadRequest): Promise<Loaded> {
  const missed: Missed[] = [];
  for (const target of request.targets) {
    const lookup = await target.region.lookup(target.key, target.tags, hasteOf(request, target));
    if (lookup.kind !== 'hit') missed.push({ target, lookup });
    else if (!request.always) {
      await releaseLeases(missed);
      target.region.stats.hits += 1;
      if (lookup.refresh !== undefined) refreshEarly(request, target, lookup.refresh);
      return { value: lookup.value, outcome: 'HIT' };
    }
  }
  const loaded = await loadMissed(request, missed);
  const figure = ({ MISS: 'misses', BYPASS: 'bypasses', STALE: 'stale' } as const)[loaded.outcome];
  for (const { region } of request.targets) region.stats[figure] += 1;
  return loaded;
}
