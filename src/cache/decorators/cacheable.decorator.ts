import type { CacheableOptions } from './cache-options.js';
import type { CacheDecorator, Exact } from './method-fit.js';
import { addOperations } from './operations.js';

/**
 * Answers from the cache; runs the method when nothing is there and keeps what its promise fulfils with, null and
 * undefined included. An error is passed on and nothing is kept. Inside a transaction the cache is left aside.
 *
 * The compiler holds `key`, `condition`, `unless` and `tags` against the arguments and the result of the method.
 * Annotate their parameters: one without annotation is `unknown`.
 *
 * @example
 * `@Cacheable({ cache: 'place', key: (id: number) => id, staleIfError: '1h' })`
 * `get(id: number): Promise<Place> { … }`
 */
export function Cacheable<const O extends CacheableOptions>(
  options: O & Exact<O, CacheableOptions>,
): CacheDecorator<O> {
  return (target, name) => addOperations(target, name, [{ kind: 'cacheable', options }]);
}
