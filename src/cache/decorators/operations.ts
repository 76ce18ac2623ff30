import 'reflect-metadata';
import type { CacheableOptions, CacheConfigOptions, CacheEvictOptions, CachePutOptions } from './cache-options.js';

/** One thing a decorated method does with the cache. */
export type Operation =
  | { readonly kind: 'cacheable'; readonly options: CacheableOptions }
  | { readonly kind: 'put'; readonly options: CachePutOptions }
  | { readonly kind: 'evict'; readonly options: CacheEvictOptions };

const OPERATIONS = Symbol('cache:operations');
const CONFIG = Symbol('cache:config');

/** Notes operations of a method, in the order in which the decorators are written. */
export function addOperations(prototype: object, name: string | symbol, operations: readonly Operation[]): void {
  if (typeof prototype === 'function') {
    throw new Error(`${prototype.name}.${String(name)} is static; only methods of providers can be cached`);
  }
  const later = ownOperations(prototype, name) ?? [];
  Reflect.defineMetadata(OPERATIONS, [...operations, ...later], prototype, name);
}

/** What the decorators on this very class say about a method; undefined when there is none. */
export function ownOperations(prototype: object, name: string | symbol): readonly Operation[] | undefined {
  return Reflect.getOwnMetadata(OPERATIONS, prototype, name) as readonly Operation[] | undefined;
}

export function setConfig(type: object, config: CacheConfigOptions): void {
  Reflect.defineMetadata(CONFIG, config, type);
}

/** The `@CacheConfig` on this very class. */
export function ownConfig(type: object): CacheConfigOptions | undefined {
  return Reflect.getOwnMetadata(CONFIG, type) as CacheConfigOptions | undefined;
}
