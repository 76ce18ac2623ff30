import type { CacheCall } from '../decorators/cache-call.js';
import type { Cache } from '../manager/cache.js';

/**
 * Makes the keys of operations that name it by its injection token.
 * @example `@Cacheable({ cache: 'place', keyGenerator: TenantKeys })`
 */
export interface KeyGenerator {
  /** Any value the key encoding knows, not null or undefined. */
  generate(call: CacheCall): unknown;
}

/** Chooses the caches of operations that name it by its injection token, anew for each call. */
export interface CacheResolver {
  resolve(call: CacheCall): readonly Cache[];
}
