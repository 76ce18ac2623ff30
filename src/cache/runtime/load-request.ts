import type { CacheRegion } from '../manager/cache-region.js';
import type { Lookup } from '../manager/entry-codec.js';
import type { EntryQuery } from '../manager/entry-query.js';
import type { Expiration } from '../storage/cache-storage.js';

/** An entry to look up and to fill. */
export interface Target extends EntryQuery {
  readonly region: CacheRegion;
  /** Expiration for this result; undefined when it must not be cached. */
  readonly expirationFor: (result: unknown) => Expiration | undefined;
  /** Builds the response stored beside the value; undefined when no response is stored. */
  readonly toResponse: ((result: unknown) => object) | undefined;
}

/** Maximum wait of a caller for a load; both limits are optional. */
export interface TimeLimits {
  /** After this time a caller gets the stale value, if there is one. */
  readonly softMs?: number | undefined;
  /** After this time a caller gets the stale value, or an error if there is none. */
  readonly hardMs?: number | undefined;
}

/** A request for a value, from the cache or from a load. */
export interface LoadRequest {
  /** Looked up in this order. */
  readonly targets: readonly Target[];
  /** Loads the value when no target has it. Runs at most once per caller; verifying a hit may run it again. */
  load(): Promise<unknown>;
  /** Runs the load even on a hit. */
  readonly forceLoad: boolean;
  /** Whether a hit may run the load again to verify the cached value. */
  readonly verifiable?: boolean;
  /** Never reloads a value that is cached and has not expired. */
  readonly onlyIfAbsent?: boolean;
  /** The value is shared by all users: its load runs outside the context of the caller. */
  readonly detached: boolean;
  /** Maximum wait for another process that loads the same value. Defaults to the setting of the cache. */
  readonly remoteWaitMs?: number | undefined;
  readonly limits?: TimeLimits | undefined;
}

/** Result of a lookup that found no fresh value. */
export type Miss = Exclude<Lookup, { readonly kind: 'hit' }>;

/** A cache miss: the entry, and the result of its lookup. */
export interface CacheMiss {
  readonly target: Target;
  readonly lookup: Miss;
}
