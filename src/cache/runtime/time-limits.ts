import { settlesWithin } from '../../common/index.js';
import { LoadTimeoutError } from '../cache.errors.js';
import type { LoadResult } from './single-flight.js';
import { staleFallback } from './load-once.js';
import type { LoadRequest, CacheMiss } from './load-request.js';

interface Wanted {
  readonly request: LoadRequest;
  readonly missed: readonly CacheMiss[];
  /** When the load began and whether another caller began it; this one, now, if left out. */
  readonly startedAt?: number;
  readonly joined?: boolean;
}

/**
 * Gives what the load gives, unless a limit passes before: then the value past its time that the lookup came upon, if
 * any. Nobody waits for the load any more; that it fails is only counted.
 *
 * @throws LoadTimeoutError past the hard limit when there is nothing to answer with
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
