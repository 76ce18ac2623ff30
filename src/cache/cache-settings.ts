import type { CacheConfigOptions } from './decorators/cache-options.js';
import type { CacheManagerSettings } from './manager/cache-manager.js';

/** Options of `CacheModule.forRoot`: settings of the application's cache manager, and defaults of all operations. */
export interface CacheSettings
  extends CacheManagerSettings,
    Pick<CacheConfigOptions, 'keyGenerator' | 'cacheManager' | 'cacheResolver'> {
  /**
   * Maximum duration of a load whose value is stored, and of the wait for another caller's load: milliseconds or a
   * duration, 10 s by default, 60 s at most. When the process of a load dies, another takes over after 2 s, or after
   * this time if that is shorter.
   */
  readonly lease?: number | string;
  /** Limits of the loads while Redis is unavailable. Loads beyond them fail with 503. */
  readonly bulkhead?: {
    /** Concurrent loads; four fifths of `DATABASE_POOL_SIZE` by default, so that writes find a connection. */
    readonly concurrency?: number;
    /** Queued loads, each waiting 750 ms at most; 500 by default. */
    readonly queue?: number;
  };
}

export const CACHE_SETTINGS = Symbol('cache:settings');
