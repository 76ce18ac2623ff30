import type { InjectionToken } from '@nestjs/common';
import type { CacheCall } from './cache-call.js';

/** Milliseconds (an integer above 0), or a duration such as `'90s'`, `'30m'`, `'1h'`, `'7d'`. */
export type Ttl = number | string;

/**
 * Audience of a cached value. `public`: the same value for every caller. `user`: the id of the signed-in user is part
 * of the key, and without a signed-in user the cache is bypassed.
 */
export type CacheScope = 'public' | 'user';

// Declared as methods, so that a function with narrower arguments is accepted here; `IncompatibleOptions` then checks
// it against the method.
interface Functions {
  ofArguments(this: CacheCall, ...args: unknown[]): unknown;
  condition(this: CacheCall, ...args: unknown[]): boolean;
  unless(this: CacheCall, result: unknown, ...args: unknown[]): boolean;
  tags(this: CacheCall, ...args: unknown[]): readonly string[];
}

/** Maps a result to the HTTP response body. */
type ResponseMapper = (result: never) => object;

/** Options of every operation. */
export interface OperationOptions {
  /**
   * Name of the cache, or several names: 1 to 100 letters, digits or `_ . : -`; `@CacheConfig` supplies the default.
   * Methods with the same cache and equal keys share entries.
   */
  readonly cache?: string | readonly string[];
  /**
   * Identifies the entry, computed from the arguments of the method: strings, numbers, dates, arrays, plain objects,
   * Maps, Sets, bytes and instances with visible fields, compared by content; not null or undefined.
   * Without `key` and `keyGenerator` all arguments together are the key; omitted ones count as undefined.
   * @example `key: (query: PlaceQuery) => [query.district, query.sort]`
   * @example `key(this: CacheCall<Place>) { return this.result.id; }` of a put
   */
  readonly key?: Functions['ofArguments'];
  /** Injection token of a `KeyGenerator`; alternative to `key`. */
  readonly keyGenerator?: InjectionToken;
  /**
   * Evaluated before anything else; `false` skips the operation. A condition that uses `this.result` is evaluated again
   * after the method has run, which is too late for lookups.
   */
  readonly condition?: Functions['condition'];
  /**
   * `public` by default. An operation that stores must declare it when the method may know its caller: when its
   * provider is created per request, or when it is a route with `@Req()`, `@Headers()`, `@CurrentUser()` or the like.
   */
  readonly scope?: CacheScope;
  /** Injection token of the `CacheManager` that owns the caches; alternative to `cacheResolver`. */
  readonly cacheManager?: InjectionToken;
  /** Injection token of a `CacheResolver` that chooses the caches for each call; alternative to `cacheManager`. */
  readonly cacheResolver?: InjectionToken;
}

/** Options of operations that store a result. */
export interface StoringOptions extends OperationOptions {
  /** Receives the result, then the arguments; `true` prevents storing the result. */
  readonly unless?: Functions['unless'];
  /** Time to live of the value; `CACHE_TTL` (30 minutes) by default. */
  readonly ttl?: Ttl;
  /**
   * Idle timeout: the value expires when it has not been read for this long, and each read restarts it; `ttl` remains
   * the maximum lifetime. Not together with `staleIfError`; such a value is not refreshed early.
   */
  readonly idle?: Ttl;
  /**
   * Tags of the entry, for `@CacheEvict({ tags })`, computed from the arguments.
   * In method syntax it may also use `this.result`; such tags are known only after the method has run, and its result
   * is then not stored when anything in the cache was evicted meanwhile. An entry without one of the tags is a cache
   * miss, so that a release may add a tag; methods that share entries must give them the same tags.
   */
  readonly tags?: Functions['tags'];
  /**
   * How long after its `ttl` a value is still returned, as STALE, when the method fails because a dependency is
   * unavailable: with an `AppError` of kind `unavailable`, or a connection error. An evicted value is never returned.
   */
  readonly staleIfError?: Ttl;
  /**
   * Maps a result to the HTTP response body. The response is stored beside the value as bytes ready to send, with their
   * entity tag, and `@ServeFromCache` sends it; callers of the method still get the value. The classes of value and
   * response body have versions (`@CacheType`): a response of other versions is not sent, but created from the value
   * each time until the entry expires.
   * @example `response: (place: Place) => PlaceDto.from(place)`
   */
  readonly response?: ResponseMapper;
}

/** Options of `@Cacheable`. */
export interface CacheableOptions extends StoringOptions {
  /**
   * On a cache miss while another process loads, the caller waits for that load as long as it takes, instead of 10 s at
   * most.
   * Needs exactly one cache, no `unless`, and to be the only operation of the method.
   */
  readonly sync?: boolean;
  /**
   * Time after which a waiting caller gets a value within `staleIfError`, if there is one, as STALE. The method
   * continues, and its result is stored for later callers. 250 ms by default with `staleIfError`; rejected without it.
   * Not together with a put or an eviction on the same method.
   */
  readonly softTimeout?: Ttl;
  /**
   * Time after which a waiting caller gets a value within `staleIfError`, as STALE, or else an `AppError` of kind
   * `unavailable`. The method continues, and its result is stored for later callers. Not together with a put or an
   * eviction on the same method. No limit by default.
   */
  readonly hardTimeout?: Ttl;
}

/** Options of `@CachePut`. */
export type CachePutOptions = StoringOptions;

/** Options of `@CacheEvict`. `allEntries` and `tags` are alternatives to `key`. */
export interface CacheEvictOptions extends OperationOptions {
  /** Evicts all entries of the cache, in constant time. */
  readonly allEntries?: boolean;
  /** Evicts before the method runs, even if it then throws, and again afterwards, or after the commit. */
  readonly beforeInvocation?: boolean;
  /** Evicts every entry with one of these tags, in constant time. */
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
