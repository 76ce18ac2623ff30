import type { CacheEvictOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';

/**
 * Evicts entries once the method's promise has fulfilled, inside a transaction after the outermost commit; evicts
 * nothing when the method throws or the transaction rolls back.
 *
 * - After the decorated method has returned to a caller outside any transaction, no later call gets the old value, and
 *   a load that began before is not stored.
 * - Every eviction takes constant time, regardless of the number of entries.
 * - When Redis fails, the result of the method is returned nevertheless; the eviction is retried until Redis confirms
 *   it, and until then this process bypasses the cache.
 *
 * @example `@CacheEvict({ cache: 'place', key: (id: number) => id })` one entry
 * @example `@CacheEvict({ cache: 'places', allEntries: true })` all entries of the cache
 * @example `@CacheEvict({ cache: 'reviews', tags: (placeId: number) => [`place:${placeId}`] })` the entries with a tag
 */
export function CacheEvict<const O extends CacheEvictOptions>(
  options: O & Exact<O, CacheEvictOptions>,
): CacheDecorator<O> {
  return (target, name, descriptor) => addOperations(target, name, descriptor, [{ kind: 'evict', options }]);
}
