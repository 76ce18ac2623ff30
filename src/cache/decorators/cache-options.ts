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

/** Makes an answer of a result. */
type AnswerOf = (result: never) => object;

/** What every operation may say. */
export interface OperationOptions {
  /**
   * Name of the cache, or several: 1 to 100 letters, digits or `_ . : -`. `@CacheConfig` supplies it otherwise. Methods
   * that name the same cache and make equal keys share entries.
   */
  readonly cache?: string | readonly string[];
  /**
   * What identifies the entry, from the arguments of the method: strings, numbers, dates, arrays, plain objects, Maps,
   * Sets, bytes and instances with visible fields, compared by content; not null or undefined.
   * Without `key` and `keyGenerator` all arguments together are the key, those left out counting as undefined.
   * @example `key: (query: PlaceQuery) => [query.district, query.sort]`
   * @example `key(this: CacheCall<Place>) { return this.result.id; }` of a put
   */
  readonly key?: Functions['ofArguments'];
  /** Injection token of a `KeyGenerator`; instead of `key`. */
  readonly keyGenerator?: InjectionToken;
  /**
   * Asked before anything else: `false` and the operation does not happen. One that uses `this.result` is asked again
   * when the method has run, which lookups cannot wait for.
   */
  readonly condition?: Functions['condition'];
  /**
   * `public` unless said otherwise. What is stored must say it when the method may know who asks: when its provider is
   * made for each request, or when it is a route with `@Req()`, `@Headers()`, `@CurrentUser()` or the like.
   */
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
   * The value goes when nobody has read it for so long, and each read gives it that time again; `ttl` is still the
   * longest it lives. Not beside `staleIfError`; such a value is not loaded anew before its time.
   */
  readonly idle?: Ttl;
  /**
   * Labels of the entry, for `@CacheEvict({ tags })`, from the arguments.
   * In method style it may also use `this.result`; such labels are known only once the method has run, and its result
   * is then not kept when anything in the cache was evicted meanwhile. An entry without one of the labels is a miss, so
   * that a release may add one; methods that share entries give them the same labels.
   */
  readonly tags?: Functions['tags'];
  /**
   * For so long after its `ttl` the value still answers, as STALE, when the method fails for want of a dependency: with
   * an `AppError` of kind `unavailable`, or an error of a connection. A value that was evicted never answers again.
   */
  readonly staleIfError?: Ttl;
  /**
   * What an HTTP client is answered for a result. It is kept beside the value as bytes ready to send, with their entity
   * tag, and `@ServeFromCache` sends it; callers of the method get the value as ever. Classes of value and answer have
   * versions (`@CacheType`): one of other versions is not sent, but made of the value each time until its end.
   * @example `answer: (place: Place) => PlaceDto.from(place)`
   */
  readonly answer?: AnswerOf;
}

/** Options of `@Cacheable`. */
export interface CacheableOptions extends StoringOptions {
  /**
   * Who misses while another process loads waits for it as long as it takes, instead of 10 s at most.
   * Needs exactly one cache, no `unless`, and to be the only operation of the method.
   */
  readonly sync?: boolean;
  /**
   * A caller who has waited so long for the method, and for whom there is a value within `staleIfError`, gets that, as
   * STALE. The method runs on, and its result is kept for those who come later. With `staleIfError` it is 250 ms unless
   * said otherwise; without, it means nothing and is refused. Not beside a put or an evict on the same method.
   */
  readonly softTimeout?: Ttl;
  /**
   * A caller who has waited so long for the method gets a value within `staleIfError`, as STALE, or else an `AppError`
   * of kind `unavailable`. The method runs on, and its result is kept for those who come later. Not beside a put or an
   * evict on the same method. Unless it is given, a caller waits as long as the method takes.
   */
  readonly hardTimeout?: Ttl;
}

/** Options of `@CachePut`. */
export type CachePutOptions = StoringOptions;

/** Options of `@CacheEvict`. `allEntries` and `tags` are instead of `key`. */
export interface CacheEvictOptions extends OperationOptions {
  /** Evicts everything in the cache, in constant time. */
  readonly allEntries?: boolean;
  /** Evicts before the method runs, even if it then throws, and again afterwards, or after the commit. */
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
