import 'reflect-metadata';
import type { CacheableOptions, CacheConfigOptions, CacheEvictOptions, CachePutOptions } from './cache-options.js';

/** A cache operation of a decorated method. */
export type Operation =
  | { readonly kind: 'cacheable'; readonly options: CacheableOptions }
  | { readonly kind: 'put'; readonly options: CachePutOptions }
  | { readonly kind: 'evict'; readonly options: CacheEvictOptions };

const CONFIG = Symbol('cache:config');

export function setConfig(type: object, config: CacheConfigOptions): void {
  Reflect.defineMetadata(CONFIG, config, type);
}

/** The `@CacheConfig` of exactly this class. */
export function ownConfig(type: object): CacheConfigOptions | undefined {
  return Reflect.getOwnMetadata(CONFIG, type) as CacheConfigOptions | undefined;
}
