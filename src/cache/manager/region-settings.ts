import type { LoadBulkhead } from '../runtime/bulkhead.js';
import type { CacheErrorHandler } from './cache-error-handler.js';

/** How callers wait for each other's loads; set by the module that creates a manager. */
export interface WaitSettings {
  /** Limits the loads while the storage is unavailable; undefined for a manager that never stores. */
  readonly bulkhead?: LoadBulkhead | undefined;
  /**
   * Maximum duration of a load whose value is stored, and of the wait for a load of this process: `lease`, 10 s by
   * default.
   */
  readonly localWaitMs?: number;
}

/** Settings of one cache. */
export interface RegionSettings extends WaitSettings {
  /** Name of the cache within the storage. */
  readonly address: string;
  readonly ttlMs: number;
  readonly maxBytes: number;
  /** Size from which values are compressed, in bytes. */
  readonly compressionThreshold: number;
  readonly allowNull: boolean;
  /** Maximum wait for another process that loads the same value. */
  readonly remoteWaitMs: number;
  readonly localWaitMs: number;
  readonly errorHandler: CacheErrorHandler;
  /** Maximum share of its TTL by which a value expires earlier at random. */
  readonly jitter: number;
  /** How early a hot entry is reloaded before it expires: β of XFetch; 0: never. */
  readonly earlyRefresh: number;
  /** One hit in this many is verified against its source; 0: none. */
  readonly verifySampleOneIn: number;
}
