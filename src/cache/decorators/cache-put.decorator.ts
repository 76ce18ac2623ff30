import type { CachePutOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';

/**
 * Always runs the method and stores the value its promise fulfils with, inside a transaction after the outermost
 * commit.
 *
 * - After a rejected promise or a rollback, nothing is stored.
 * - When another call changed the entry meanwhile, or Redis fails, the entry is evicted instead: a put never restores
 *   an older value.
 * - A key, condition or tag function in method syntax may use `this.result`. `unless` is evaluated before the key.
 *
 * @example
 * `@CachePut({ cache: 'place', key(this: CacheCall<Place>) { return this.result.id; } })`
 * `create(input: NewPlace): Promise<Place> { … }`
 */
export function CachePut<const O extends CachePutOptions>(options: O & Exact<O, CachePutOptions>): CacheDecorator<O> {
  return (target, name, descriptor) => addOperations(target, name, descriptor, [{ kind: 'put', options }]);
}
