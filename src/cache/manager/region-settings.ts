import type { LoadBulkhead } from '../runtime/bulkhead.js';
import type { CacheErrorHandler } from './cache-error-handler.js';

/** How callers wait for one another; as the module that makes a manager tells it. */
export interface WaitSettings {
  /** Bounds the loads while the storage is away; undefined where it always is. */
  readonly bulkhead?: LoadBulkhead | undefined;
  /** How long a load may take to be kept, and a caller waits for another of this process: `lease`, 10 s by default. */
  readonly localWaitMs?: number;
}

/** What holds for all entries of a cache. */
export interface RegionSettings extends WaitSettings {
  /** The name of the cache within the storage. */
  readonly address: string;
  readonly ttlMs: number;
  readonly maxBytes: number;
  /** Values of so many bytes are compressed. */
  readonly compressionThreshold: number;
  readonly allowNull: boolean;
  /** How long a caller waits for another process that loads the same value. */
  readonly remoteWaitMs: number;
  readonly localWaitMs: number;
  readonly errorHandler: CacheErrorHandler;
  /** By which share of its time a value may go before that, by chance. */
  readonly jitter: number;
  /** How early a hot entry is loaded anew; 0: never before its time. */
  readonly earlyRefresh: number;
  /** One hit in so many is checked against its source; 0: none. */
  readonly verifySampleOneIn: number;
}
