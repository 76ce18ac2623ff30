import type { CacheCall } from '../decorators/cache-call.js';
import type { Cache } from '../manager/cache.js';

export { LoggingCacheErrorHandler, type CacheErrorHandler } from '../manager/cache-error-handler.js';

/**
 * Makes the keys of operations that name it by its injection token; unknown tokens stop the start.
 *
 * @example
 * `@Injectable() class PerLanguage implements KeyGenerator {`
 * `  generate(call: CacheCall) { return [this.language.current, ...call.args]; }`
 * `}`
 * `@Cacheable({ cache: 'texts', keyGenerator: PerLanguage })`
 */
export interface KeyGenerator {
  /** Any value the key encoding knows, not null or undefined. */
  generate(call: CacheCall): unknown;
}

/**
 * Chooses the caches of operations that name it by its injection token, anew for each call.
 *
 * @example `resolve(call: CacheCall) { return [this.caches.get(`places-${call.args[0]}`)]; }`
 */
export interface CacheResolver {
  /** At least one; exactly one for a `sync` operation. */
  resolve(call: CacheCall): readonly Cache[];
}
