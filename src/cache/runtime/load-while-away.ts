import { TooManyLoadsError } from '../cache.errors.js';
import { isLoading } from './call-scope.js';
import type { Landing } from './flights.js';
import { AWAY_LOAD, copyFor, loadOnce } from './load-once.js';
import type { LoadRequest, Missed } from './load-request.js';

/** Whether this load is one of those that the absence of the cache makes many. */
export function isAwayLoad({ always, keepsPresent = false }: LoadRequest, missed: readonly Missed[]): boolean {
  return !always && !keepsPresent && missed.length > 0 && missed.every(({ lookup }) => lookup.kind === 'away');
}

/**
 * Loads without a cache that could keep the value, when it is this load's turn. What a load itself needs does not wait:
 * its turn might never come.
 *
 * @throws TooManyLoadsError when too many wait
 */
export async function loadWhileAway(request: LoadRequest, missed: readonly Missed[]): Promise<Landing> {
  const [first] = missed;
  const load = () => loadOnce(request, missed);
  const awayLoads = first?.target.region.settings.awayLoads;
  if (first === undefined || awayLoads === undefined || isLoading(AWAY_LOAD)) return load();
  try {
    if (request.targets.length > 1) return await awayLoads.inTurn(load);
    const { region, key } = first.target;
    const { landing, joined } = awayLoads.share(`${region.settings.address} ${key}`, load);
    const landed = await landing;
    return joined ? await copyFor(first, landed, () => awayLoads.inTurn(load)) : landed;
  } catch (error) {
    if (error instanceof TooManyLoadsError) for (const { region } of request.targets) region.stats.rejected += 1;
    throw error;
  }
}
