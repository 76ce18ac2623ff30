import type { Eviction } from '../storage/cache-storage.js';
import { COUNTER_ENTRIES, type CacheCounts } from './cache-counters.js';

/** Statistics of a cache at one moment. */
export type CacheStatsSnapshot = Readonly<CacheCounts>;

/** Base class with a field for each counter of the table. */
const Counters = function (this: CacheCounts) {
  for (const [name] of COUNTER_ENTRIES) this[name] = 0;
} as unknown as new () => CacheCounts;

/** Counters of one cache in one process since its start (or the last `reset`). */
export class CacheStats extends Counters {
  countLoad(ms: number): void {
    this.loads += 1;
    this.loadMs += ms;
  }

  countEviction(eviction: Eviction): void {
    if ('key' in eviction) this.keyEvictions += 1;
    else if ('tags' in eviction) this.tagEvictions += 1;
    else this.fullEvictions += 1;
  }

  /** @param stored false when it was rejected, undefined when the result is unknown */
  countPut(stored: boolean | undefined, bytes: number): void {
    if (stored === false) this.refusedPuts += 1;
    if (stored !== true) return;
    this.puts += 1;
    this.bytesWritten += bytes;
  }

  /** The current statistics. */
  snapshot(): CacheStatsSnapshot {
    return Object.assign({}, this);
  }

  reset(): void {
    Object.assign(this, new CacheStats());
  }
}
