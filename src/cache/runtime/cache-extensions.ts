import type { CacheCall } from '../decorators/cache-call.js';
import type { Cache } from '../manager/cache.js';

export { LoggingCacheErrorHandler, type CacheErrorHandler } from '../manager/cache-error-handler.js';

/**
 * Generates the keys of operations that reference it by its injection token; an unknown token aborts startup.
 *
 * @example
 * `@Injectable() class PerLanguage implements KeyGenerator {`
 * `  generate(call: CacheCall) { return [this.language.current, ...call.args]; }`
 * `}`
 * `@Cacheable({ cache: 'texts', keyGenerator: PerLanguage })`
 */
export interface KeyGenerator {
  /** Any value that the key encoding supports, except null and undefined. */
  generate(call: CacheCall): unknown;
}

/**
 * Resolves the caches of operations that reference it by its injection token, anew for each call.
 *
 * @example `resolve(call: CacheCall) { return [this.caches.get(`places-${call.args[0]}`)]; }`
 */
export interface CacheResolver {
  /** At least one cache; exactly one for a `sync` operation. */
  resolve(call: CacheCall): readonly Cache[];
}
