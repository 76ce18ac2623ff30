import type { CacheEvictOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';

/**
 * Removes from the cache once the method's promise has fulfilled, inside a transaction after the outermost commit;
 * nothing when the method throws or the transaction rolls back.
 *
 * - When the decorated method has returned to a caller outside any transaction, no later call gets the old value, and a
 *   load that began before keeps nothing.
 * - Every evict takes constant time, however many entries it reaches.
 * - When Redis fails the method's result is returned all the same; the evict is tried until Redis confirms it, and
 *   until then this process leaves the cache aside.
 *
 * @example `@CacheEvict({ cache: 'place', key: (id: number) => id })` one entry
 * @example `@CacheEvict({ cache: 'places', allEntries: true })` all entries of the cache
 * @example `@CacheEvict({ cache: 'reviews', tags: (placeId: number) => [`place:${placeId}`] })` those with a label
 */
export function CacheEvict<const O extends CacheEvictOptions>(
  options: O & Exact<O, CacheEvictOptions>,
): CacheDecorator<O> {
  return (target, name, descriptor) => addOperations(target, name, descriptor, [{ kind: 'evict', options }]);
}
