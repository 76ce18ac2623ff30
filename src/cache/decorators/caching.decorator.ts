import type { CachingOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';
import type { Operation } from './operations.js';

/**
 * Several operations on one method. Puts precede evictions, each in the order of declaration; stacking the single
 * decorators is equivalent. With several lookups the first hit is returned, and a miss fills all of them. With a put
 * that applies, the method always runs.
 *
 * @example
 * `@Caching({ evict: [{ cache: 'place', key: (id: number) => id }, { cache: 'places', allEntries: true }] })`
 * `delete(id: number): Promise<void> { … }`
 */
export function Caching<const O extends CachingOptions>(options: O & Exact<O, CachingOptions>): CacheDecorator<O> {
  const { cacheable = [], put = [], evict = [] }: CachingOptions = options;
  const operations: Operation[] = [
    ...cacheable.map((each) => ({ kind: 'cacheable' as const, options: each })),
    ...put.map((each) => ({ kind: 'put' as const, options: each })),
    ...evict.map((each) => ({ kind: 'evict' as const, options: each })),
  ];
  return (target, name, descriptor) => addOperations(target, name, descriptor, operations);
}
