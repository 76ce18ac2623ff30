import type { CacheConfigOptions } from './decorators/cache-options.js';
import type { CacheManagerSettings } from './manager/cache-manager.js';

/**
 * What `CacheModule.forRoot` may be told: settings of the application's cache manager, and defaults of all
 * operations.
 */
export interface CacheSettings
  extends CacheManagerSettings,
    Pick<CacheConfigOptions, 'keyGenerator' | 'cacheManager' | 'cacheResolver'> {
  /**
   * Milliseconds or a duration: how long a load may take and still be kept, and how long others wait for it; 10 s by
   * default, 60 s at most. One whose process died is succeeded after 2 s, or after this time if that is shorter.
   */
  readonly lease?: number | string;
  /** Bounds of the loads while Redis is unavailable. Loads beyond them fail with 503. */
  readonly bulkhead?: {
    /** Loads that run at a time; four fifths of `DATABASE_POOL_SIZE` by default, so that writes find a connection. */
    readonly concurrency?: number;
    /** Loads that wait to be run, for 750 ms at most; 500 by default. */
    readonly queue?: number;
  };
}

export const CACHE_SETTINGS = Symbol('cache:settings');
