import type { CacheableOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';

/**
 * Returns the cached value; on a cache miss, runs the method and stores the value its promise fulfils with.
 *
 * - The returned value deep-equals the stored one, null and undefined included, and is the caller's own copy.
 * - An error is rethrown unchanged, and nothing is stored.
 * - Concurrent misses share one load, in all processes; a caller that has waited for another process longer than
 *   `remoteWaitMs` (10 s by default) runs the method itself.
 * - A value whose entry was evicted during its load is not stored.
 * - Inside a transaction the cache is bypassed: the method runs, and nothing is read or stored.
 * - When Redis is unavailable, the method runs, once.
 * - The method of a public value runs outside the request of the first caller: it sees no transaction and no user.
 *
 * The compiler checks `key`, `condition`, `unless` and `tags` against the arguments and the result of the method.
 * Annotate their parameters: one without annotation is `unknown`.
 *
 * @example
 * `@Cacheable({ cache: 'place', key: (id: number) => id, staleIfError: '1h' })`
 * `get(id: number): Promise<Place> { … }`
 *
 * @example lists that can be evicted by tag, and searches that are not cached
 * `@Cacheable({`
 * `  cache: 'places',`
 * `  key: (query: PlaceQuery) => query,`
 * `  condition: (query: PlaceQuery) => query.text === undefined,`
 * `  tags: (query: PlaceQuery) => [`district:${query.district}`],`
 * `})`
 */
export function Cacheable<const O extends CacheableOptions>(
  options: O & Exact<O, CacheableOptions>,
): CacheDecorator<O> {
  return (target, name, descriptor) => addOperations(target, name, descriptor, [{ kind: 'cacheable', options }]);
}
