import { setImmediate } from 'node:timers/promises';
import type { Lease } from '../storage/cache-storage.js';
import { loadOnce } from './load-once.js';
import type { LoadRequest, Target } from './load-request.js';

/**
 * Early refresh factor: this call refreshes an entry whose remaining time is less than this multiple of its load time.
 * The factor is mostly small and occasionally large, so that one of the many readers of a hot entry refreshes it before
 * it expires, and few readers of a cold one do (XFetch: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache
 * Stampede Prevention", 2015).
 */
export function earlyRefreshFactor({ forceLoad, onlyIfAbsent = false }: LoadRequest, { region }: Target): number {
  const beta = region.settings.earlyRefresh;
  return beta === 0 || forceLoad || onlyIfAbsent ? 0 : -beta * Math.log(1 - Math.random());
}

/** Reloads an entry in the background while its caller gets the cached value; a failure is only counted. */
export function refreshEarly(request: LoadRequest, target: Target, lease: Lease): void {
  const { stats, singleFlight } = target.region;
  stats.earlyRefreshes += 1;
  const missed = { target, lookup: { kind: 'lease', lease, stale: undefined } } as const;
  const load = async () => {
    await setImmediate();
    return loadOnce(request, [missed]);
  };
  singleFlight.join(lease.token, true, load).result.catch(() => (stats.backgroundErrors += 1));
}
