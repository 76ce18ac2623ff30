import { setImmediate } from 'node:timers/promises';
import type { Lease } from '../storage/cache-storage.js';
import { loadOnce } from './load-once.js';
import type { LoadRequest, Target } from './load-request.js';

/**
 * How much earlier than its load takes this caller would load an entry anew: mostly a little, now and then a lot, so
 * that of the many who read a hot entry one comes before its time is over, and few do for a cold one (XFetch: Vattani,
 * Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", 2015).
 */
export function earlyRefreshFactor({ forceLoad, onlyIfAbsent = false }: LoadRequest, { region }: Target): number {
  const beta = region.settings.earlyRefresh;
  return beta === 0 || forceLoad || onlyIfAbsent ? 0 : -beta * Math.log(1 - Math.random());
}

/** Loads an entry anew while its caller is answered with what there is; that it fails is only counted. */
export function refreshEarly(request: LoadRequest, target: Target, lease: Lease): void {
  const { stats, singleFlight: flights } = target.region;
  stats.earlyRefreshes += 1;
  const missed = { target, lookup: { kind: 'lease', lease, stale: undefined } } as const;
  const load = async () => {
    await setImmediate();
    return loadOnce(request, [missed]);
  };
  flights.join(lease.token, true, load).result.catch(() => (stats.backgroundErrors += 1));
}
