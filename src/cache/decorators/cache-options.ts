import type { InjectionToken } from '@nestjs/common';
import type { CacheCall } from './cache-call.js';

/** Milliseconds (a whole number above 0), or a duration such as `'90s'`, `'30m'`, `'1h'`, `'7d'`. */
export type Ttl = number | string;

/**
 * Whom a cached value is for. `public`: it is the same for every caller. `user`: the id of the signed-in user is part
 * of the key, and without a signed-in user the cache is left aside.
 */
export type CacheScope = 'public' | 'user';

// Written as methods so that a function of narrower arguments is accepted here; `Misfits` then holds it against the
// method.
interface Functions {
  ofArguments(this: CacheCall, ...args: unknown[]): unknown;
  condition(this: CacheCall, ...args: unknown[]): boolean;
  unless(this: CacheCall, result: unknown, ...args: unknown[]): boolean;
  tags(this: CacheCall, ...args: unknown[]): readonly string[];
}

/** What every operation may say. */
export interface OperationOptions {
  /** Name of the cache, or several; `@CacheConfig` supplies it otherwise. */
  readonly cache?: string | readonly string[];
  /**
   * What identifies the entry, from the arguments of the method; any value the key encoding knows, not null or
   * undefined. Without `key` and `keyGenerator` all arguments together are the key.
   */
  readonly key?: Functions['ofArguments'];
  /** Injection token of a `KeyGenerator`; instead of `key`. */
  readonly keyGenerator?: InjectionToken;
  /** Asked before anything else: `false` and the operation does not happen. */
  readonly condition?: Functions['condition'];
  readonly scope?: CacheScope;
  /** Injection token of the `CacheManager` that owns the caches; instead of `cacheResolver`. */
  readonly cacheManager?: InjectionToken;
  /** Injection token of a `CacheResolver` that chooses the caches for each call; instead of `cacheManager`. */
  readonly cacheResolver?: InjectionToken;
}

/** What operations that store a result may say. */
export interface StoringOptions extends OperationOptions {
  /** Sees the result first, then the arguments: `true` and the result is not stored. */
  readonly unless?: Functions['unless'];
  /** How long the value lives; `CACHE_TTL` (30 minutes) otherwise. */
  readonly ttl?: Ttl;
  /**
   * Labels of the entry, for `@CacheEvict({ tags })`, from the arguments.
   * In method style it may also use `this.result`; such labels are known only once the method has run.
   */
  readonly tags?: Functions['tags'];
  /** For so long after its `ttl` the value still answers, as STALE, when the method fails for want of a dependency. */
  readonly staleIfError?: Ttl;
}

/** Options of `@Cacheable`. */
export interface CacheableOptions extends StoringOptions {
  /** Callers who miss together wait for one load. Needs exactly one cache, and no `unless`. */
  readonly sync?: boolean;
}

/** Options of `@CachePut`. */
export type CachePutOptions = StoringOptions;

/** Options of `@CacheEvict`. `allEntries` and `tags` are instead of `key`. */
export interface CacheEvictOptions extends OperationOptions {
  /** Evicts everything in the cache, in constant time. */
  readonly allEntries?: boolean;
  /** Evicts before the method runs, even if it then throws; inside a transaction again after the commit. */
  readonly beforeInvocation?: boolean;
  /** Evicts every entry that carries one of these labels, in constant time. */
  readonly tags?: Functions['tags'];
}

/** Options of `@Caching`: several operations on one method. */
export interface CachingOptions {
  readonly cacheable?: readonly CacheableOptions[];
  readonly put?: readonly CachePutOptions[];
  readonly evict?: readonly CacheEvictOptions[];
}

/** Options of `@CacheConfig`: defaults for every operation of the class and its subclasses. */
export type CacheConfigOptions = Pick<OperationOptions, 'cache' | 'keyGenerator' | 'cacheManager' | 'cacheResolver'>;
