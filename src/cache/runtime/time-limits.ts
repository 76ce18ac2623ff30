import { settlesWithin } from '../../common/index.js';
import { LoadTimeoutError } from '../cache.errors.js';
import type { LoadResult } from './single-flight.js';
import { staleFallback } from './load-once.js';
import type { LoadRequest, CacheMiss } from './load-request.js';

interface Wanted {
  readonly request: LoadRequest;
  readonly missed: readonly CacheMiss[];
  /** Start of the load, and whether another caller started it. Defaults: now, started by this caller. */
  readonly startedAt?: number;
  readonly joined?: boolean;
}

/**
 * Returns the result of the load, unless a limit passes first: then the stale value that the lookup found, if any. This
 * caller no longer waits for the load, whose failure is only counted.
 *
 * @throws LoadTimeoutError past the hard limit when there is no stale value
 */
export async function withinLimits(
  loading: Promise<LoadResult>,
  { request, missed, startedAt = performance.now(), joined = false }: Wanted,
): Promise<LoadResult> {
  const { softMs, hardMs } = request.limits ?? {};
  const last = softMs === undefined && hardMs === undefined ? undefined : staleFallback(missed);
  const limitMs = last === undefined ? hardMs : Math.min(softMs ?? Infinity, hardMs ?? Infinity);
  if (limitMs === undefined) return loading;
  if (await settlesWithin(loading, startedAt + limitMs - performance.now())) return loading;
  for (const { region } of request.targets) {
    region.stats[last === undefined ? 'hardTimeouts' : 'softTimeouts'] += 1;
    loading.catch(() => (region.stats.backgroundErrors += joined ? 0 : 1));
  }
  if (last === undefined) throw new LoadTimeoutError(limitMs);
  return last;
}
