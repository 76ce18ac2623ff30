import { TooManyLoadsError } from '../cache.errors.js';
import { isLoading } from './call-scope.js';
import type { LoadResult } from './single-flight.js';
import { NO_LEASE_TOKEN, copyFor, loadOnce } from './load-once.js';
import type { LoadRequest, CacheMiss } from './load-request.js';

/** Whether this is a load that an unavailable cache makes frequent, and that the bulkhead therefore limits. */
export function isDegradedLoad(request: LoadRequest, missed: readonly CacheMiss[]): boolean {
  const { forceLoad, onlyIfAbsent = false } = request;
  if (forceLoad || onlyIfAbsent || missed.length === 0) return false;
  return missed.every(({ lookup }) => lookup.kind === 'unavailable');
}

/**
 * Loads through the bulkhead while the cache is unavailable. A nested load does not queue: its turn might never come.
 *
 * @throws TooManyLoadsError when the queue is full, or no slot becomes free in time
 */
export async function loadWithoutCache(request: LoadRequest, missed: readonly CacheMiss[]): Promise<LoadResult> {
  const [first] = missed;
  const load = () => loadOnce(request, missed);
  const bulkhead = first?.target.region.settings.bulkhead;
  if (first === undefined || bulkhead === undefined || isLoading(NO_LEASE_TOKEN)) return load();
  try {
    if (request.targets.length > 1) return await bulkhead.run(load);
    const { region, key } = first.target;
    const { result: loading, joined } = bulkhead.share(`${region.settings.address} ${key}`, load);
    const result = await loading;
    return joined ? await copyFor(first, result, () => bulkhead.run(load)) : result;
  } catch (error) {
    if (error instanceof TooManyLoadsError) for (const { region } of request.targets) region.stats.rejectedLoads += 1;
    throw error;
  }
}
