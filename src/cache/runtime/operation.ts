import { CacheOperationError, ResultUnavailableError } from '../cache.errors.js';
import type { CacheableOptions, CacheEvictOptions, CacheScope } from '../decorators/cache-options.js';
import type { Operation as DecoratedOperation } from '../decorators/operations.js';
import { encodeArguments, encodeKey, userScopedKey } from '../keys/cache-key.js';
import type { Cache } from '../manager/cache.js';
import type { Eviction, Expiration } from '../storage/cache-storage.js';
import { currentUserId } from './call-scope.js';
import type { CacheResolver, KeyGenerator } from './cache-extensions.js';
import type { TimeLimits } from './load-request.js';
import type { MethodCall } from './method-call.js';

/** Configuration of an operation, resolved at startup. */
export interface Wiring {
  /** For example `@Cacheable of PlacesService.get`. */
  readonly label: string;
  /** Fixed caches, or the resolver that chooses them. */
  readonly caches: readonly Cache[] | CacheResolver;
  readonly keyGenerator: KeyGenerator | undefined;
  /** Defaults to the TTL of the cache. */
  readonly ttlMs: number | undefined;
  readonly staleMs: number;
  readonly idleMs: number | undefined;
  readonly limits: TimeLimits;
}

/** Options of all kinds combined; `kind` determines which of them are possible. */
type AnyOptions = CacheableOptions & CacheEvictOptions;

/** One operation of a decorated method, evaluated for its calls. */
export class Operation {
  readonly kind: DecoratedOperation['kind'];
  readonly label: string;
  private readonly options: AnyOptions;

  constructor(
    { kind, options }: DecoratedOperation,
    private readonly wiring: Wiring,
  ) {
    this.kind = kind;
    this.label = wiring.label;
    this.options = options;
  }

  /** Scope of the values: all users, or one user. */
  get scope(): CacheScope {
    return this.options.scope ?? 'public';
  }

  /** Whether callers wait for another process without a time limit. */
  get isSync(): boolean {
    return this.options.sync ?? false;
  }

  /** Builds the stored HTTP response from a result; undefined when no response is stored. */
  get toResponse(): ((result: unknown) => object) | undefined {
    return this.options.response as ((result: unknown) => object) | undefined;
  }

  /** Maximum wait of a caller for the method. */
  get limits(): TimeLimits {
    return this.wiring.limits;
  }

  /** Whether it evicts before the method runs. */
  get isEarly(): boolean {
    return this.options.beforeInvocation ?? false;
  }

  /**
   * The caches of this call.
   * @throws CacheOperationError when the resolver returns none, or several for a sync operation
   */
  cachesFor(call: MethodCall): readonly Cache[] {
    const { caches, label } = this.wiring;
    if (!('resolve' in caches)) return caches;
    const chosen = caches.resolve(call.viewFor([])) as readonly Cache[] | null | undefined;
    if (!chosen?.length) throw new CacheOperationError(label, 'its cache resolver returned no cache');
    if (this.isSync && chosen.length > 1) {
      throw new CacheOperationError(label, `sync needs exactly one cache, its resolver returned ${chosen.length}`);
    }
    return chosen;
  }

  /** @throws ResultUnavailableError when the condition uses the result before there is one */
  conditionHolds(call: MethodCall, caches: readonly Cache[]): boolean {
    return this.options.condition?.apply(this.seen(call, caches), [...call.args]) ?? true;
  }

  /** Whether `unless` excludes this result from the cache. */
  isVetoed(call: MethodCall, caches: readonly Cache[], result: unknown): boolean {
    return this.options.unless?.apply(this.seen(call, caches), [result, ...call.args]) ?? false;
  }

  /**
   * The key of the entry, including the id of the user when the scope is `user`.
   * @throws ResultUnavailableError when the key depends on the result, and there is none yet
   * @throws CacheOperationError when there is no key
   */
  keyFor(call: MethodCall, caches: readonly Cache[]): string {
    const key = this.publicKey(call, caches);
    if (this.scope === 'public') return key;
    const userId = currentUserId();
    if (userId !== undefined) return userScopedKey(userId, key);
    throw new CacheOperationError(this.label, "scope 'user' without a signed-in user; evict by tags instead");
  }

  /** The tags; undefined while they depend on a result that is not available yet. */
  tagsFor(call: MethodCall, caches: readonly Cache[]): readonly string[] | undefined {
    if (this.options.tags === undefined) return [];
    try {
      return [...new Set(this.options.tags.apply(this.seen(call, caches), [...call.args]))];
    } catch (error) {
      if (error instanceof ResultUnavailableError) return undefined;
      throw error;
    }
  }

  /** Expiration of a value of this operation in a cache. */
  expirationIn(cache: Cache, tags: readonly string[]): Expiration {
    const { ttlMs = cache.region.settings.ttlMs, staleMs, idleMs } = this.wiring;
    return { ttlMs, staleMs, idleMs, tags };
  }

  /**
   * The eviction of this call.
   * @throws ResultUnavailableError when key or tags depend on the result, and there is none yet
   */
  evictionFor(call: MethodCall, caches: readonly Cache[]): Eviction {
    if (this.options.allEntries === true) return { all: true };
    if (this.options.tags === undefined) return { key: this.keyFor(call, caches) };
    const tags = this.tagsFor(call, caches);
    if (tags === undefined) throw new ResultUnavailableError();
    return { tags };
  }

  private publicKey(call: MethodCall, caches: readonly Cache[]): string {
    const { keyGenerator, label } = this.wiring;
    const seen = this.seen(call, caches);
    const { key: keyOf } = this.options;
    try {
      if (keyOf === undefined && keyGenerator === undefined) return encodeArguments(call.args);
      const key = keyOf === undefined ? keyGenerator?.generate(seen) : keyOf.apply(seen, [...call.args]);
      if (key !== null && key !== undefined) return encodeKey(key);
    } catch (error) {
      if (error instanceof ResultUnavailableError) throw error;
      throw new CacheOperationError(label, `its key cannot be computed: ${String(error)}`, error);
    }
    throw new CacheOperationError(
      label,
      'the key is null or undefined; probably an argument was left out, or the key reads a property that is not there',
    );
  }

  private seen(call: MethodCall, caches: readonly Cache[]) {
    return call.viewFor(caches.map(({ name }) => name));
  }
}
