import type { CachePutOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';

/**
 * Always runs the method and stores what its promise fulfils with, inside a transaction after the outermost commit.
 *
 * - A rejected promise, or a rollback, and nothing is stored.
 * - When somebody else changed the entry meanwhile, or Redis fails, the entry is evicted instead: a put never brings an
 *   older value back.
 * - A key, condition or tag function in method style may use `this.result`. `unless` is asked before the key is made.
 *
 * @example
 * `@CachePut({ cache: 'place', key(this: CacheCall<Place>) { return this.result.id; } })`
 * `create(input: NewPlace): Promise<Place> { … }`
 */
export function CachePut<const O extends CachePutOptions>(options: O & Exact<O, CachePutOptions>): CacheDecorator<O> {
  return (target, name, descriptor) => addOperations(target, name, descriptor, [{ kind: 'put', options }]);
}
