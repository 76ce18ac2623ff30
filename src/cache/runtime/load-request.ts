import type { CacheRegion } from '../manager/cache-region.js';
import type { Lookup } from '../manager/entry-codec.js';
import type { EntryQuery } from '../manager/entry-query.js';
import type { Expiration } from '../storage/cache-storage.js';

/** An entry to look for and to fill. */
export interface Target extends EntryQuery {
  readonly region: CacheRegion;
  /** How to keep this result; undefined when it is not to be kept. */
  readonly expirationFor: (result: unknown) => Expiration | undefined;
  /** Makes what is kept ready to send of the result; undefined when nothing is. */
  readonly toResponse: ((result: unknown) => object) | undefined;
}

/** How long a caller waits for a load; either may be left out. */
export interface TimeLimits {
  /** Past it a caller for whom there is a value past its time gets that. */
  readonly softMs?: number | undefined;
  /** Past it a caller gets a value past its time, or else an error. */
  readonly hardMs?: number | undefined;
}

/** A value that is wanted. */
export interface LoadRequest {
  /** Asked in this order. */
  readonly targets: readonly Target[];
  /** Gives the value when no target has it. A caller has it run at most once; a check of a hit may run it again. */
  load(): Promise<unknown>;
  /** Runs the load even on a hit. */
  readonly forceLoad: boolean;
  /** Whether a hit may have the load run again, to see that it gives the same. */
  readonly verifiable?: boolean;
  /** Never loads a value anew that is there and has not reached its time. */
  readonly onlyIfAbsent?: boolean;
  /** The value is for everybody: its load knows nothing of the caller. */
  readonly detached: boolean;
  /** How long to wait for another process that loads the same, if not as long as the cache says. */
  readonly remoteWaitMs?: number | undefined;
  readonly limits?: TimeLimits | undefined;
}

/** What a lookup says that found nothing fresh. */
export type Miss = Exclude<Lookup, { readonly kind: 'hit' }>;

/** An entry that was looked for in vain. */
export interface CacheMiss {
  readonly target: Target;
  readonly lookup: Miss;
}
