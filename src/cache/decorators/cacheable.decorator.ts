import type { CacheableOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';

/**
 * Answers from the cache; runs the method when nothing is there and keeps what its promise fulfils with.
 *
 * - What comes out deep-equals what went in, null and undefined included, and is the caller's own copy.
 * - An error is passed on as it is, and nothing is kept.
 * - Callers who miss together share one load, in all processes; who waits for another process for more than 100 ms
 *   loads for himself.
 * - Nothing is kept whose entry was evicted while it was loaded.
 * - Inside a transaction the cache is left aside: the method runs, and nothing is read or kept.
 * - When Redis is away the method runs, once.
 * - The method of a public value runs outside of the request that asked first: it sees no transaction and no user.
 *
 * The compiler holds `key`, `condition`, `unless` and `tags` against the arguments and the result of the method.
 * Annotate their parameters: one without annotation is `unknown`.
 *
 * @example
 * `@Cacheable({ cache: 'place', key: (id: number) => id, staleIfError: '1h' })`
 * `get(id: number): Promise<Place> { … }`
 *
 * @example lists that may be evicted by label, and searches that are not kept
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
