import 'reflect-metadata';
import type { CacheableOptions, CacheConfigOptions, CacheEvictOptions, CachePutOptions } from './cache-options.js';

/** One thing a decorated method does with the cache. */
export type Operation =
  | { readonly kind: 'cacheable'; readonly options: CacheableOptions }
  | { readonly kind: 'put'; readonly options: CachePutOptions }
  | { readonly kind: 'evict'; readonly options: CacheEvictOptions };

const CONFIG = Symbol('cache:config');

export function setConfig(type: object, config: CacheConfigOptions): void {
  Reflect.defineMetadata(CONFIG, config, type);
}

/** The `@CacheConfig` on this very class. */
export function ownConfig(type: object): CacheConfigOptions | undefined {
  return Reflect.getOwnMetadata(CONFIG, type) as CacheConfigOptions | undefined;
}
