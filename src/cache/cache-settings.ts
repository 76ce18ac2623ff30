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
   * Milliseconds or a duration. A load that takes longer is not kept, and one whose process died is succeeded after
   * this time; 10 s by default.
   */
  readonly lease?: number | string;
}

export const CACHE_SETTINGS = Symbol('cache:settings');
