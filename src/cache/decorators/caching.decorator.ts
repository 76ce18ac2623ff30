import type { CachingOptions } from './cache-options.js';
import { addOperations } from './decorated-method.js';
import type { CacheDecorator, Exact } from './option-types.js';
import type { Operation } from './operations.js';

/**
 * Several operations on one method. Puts come before evicts, each in the order of writing; stacking the single
 * decorators says the same. With several lookups the first hit answers, and a miss fills all of them. Beside a put that
 * applies the method runs always.
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
