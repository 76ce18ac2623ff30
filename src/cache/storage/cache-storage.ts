import type { OutboxDepth } from '../../database/index.js';
import type { InvalidationMessage } from './invalidation-message.js';

/**
 * TTL of a lease unless it is renewed: how long the death of a process delays those that wait for its load. A loader
 * whose event loop is blocked for longer loses its lease, which costs one more load.
 */
export const LEASE_MS = 2_000;

/** The right to fill one entry, until something it depends on is evicted. */
export interface Lease {
  readonly cache: string;
  readonly key: string;
  /** Unique among all leases. */
  readonly token: string;
  /** Undefined when the tags depend on the result. */
  readonly tags: readonly string[] | undefined;
}

/** Taken before a method that changes a value runs: its result may be put unless the entry is changed meanwhile. */
export interface PutGuard {
  readonly cache: string;
  /** Undefined when the key depends on the result; then any change in the cache voids the guard. */
  readonly key: string | undefined;
  /** Undefined when the tags depend on the result. */
  readonly tags: readonly string[] | undefined;
  /** The stamps that the put is checked against, for each shard that the entry may belong to. */
  readonly seen: ReadonlyMap<string, string>;
}

/** Expiration policy of an entry. */
export interface Expiration {
  readonly ttlMs: number;
  /** Time beyond `ttlMs` during which the value may be served as stale. */
  readonly staleMs: number;
  /** Maximum time without a read; then the entry expires, before `ttlMs`. */
  readonly idleMs?: number | undefined;
  /** Duration of the load, if the entry may be refreshed early. */
  readonly loadMs?: number;
  readonly tags: readonly string[];
}

/** A value, and the HTTP response stored beside it, if any, ready to send. */
export interface Entry {
  readonly value: Buffer;
  readonly response?: Buffer | undefined;
}

/** Representation that a reader requests. */
export type Representation = keyof Entry;

/** Options of a read. */
export interface ReadOptions {
  /** An entry without a response returns its value. */
  readonly representation: Representation;
  /** A hit comes with a lease when its remaining time is less than this factor times the duration of its load. */
  readonly earlyRefreshFactor: number;
  /** The reader already has the stale value: `locked` comes without it. */
  readonly knowsStale?: boolean;
}

/** Tags of an entry, as encoded by `encodeKey`; undefined unless the required tags depend on the result. */
type StoredTags = ReadonlySet<string> | undefined;

/** Result of a read; `stale` is an expired value that has not been evicted. */
export type ReadResult =
  /** A fresh value, with a lease when the caller is to refresh it early. */
  | {
      readonly kind: 'hit';
      readonly bytes: Buffer;
      readonly form: Representation;
      readonly refresh?: Lease | undefined;
      /** The stored bytes, if `bytes` were decoded from them. */
      readonly stored?: Buffer;
      readonly tags?: StoredTags;
    }
  /** No fresh value: the caller loads, and fills with the lease. */
  | { readonly kind: 'lease'; readonly lease: Lease; readonly stale: Buffer | undefined; readonly tags?: StoredTags }
  /** No fresh value, and the holder of this token is loading. */
  | { readonly kind: 'locked'; readonly token: string; readonly stale: Buffer | undefined; readonly tags?: StoredTags }
  /** The storage is unavailable: the caller loads without caching. */
  | { readonly kind: 'unavailable' };

/** What to evict from a cache: one entry, all entries, or all entries with one of these tags. */
export type Eviction = { readonly key: string } | { readonly all: true } | { readonly tags: readonly string[] };

/** Description of a readable entry, for callers outside the cache. */
export interface EntryInfo {
  /** Encoded key of the entry. */
  readonly key: string;
  /** Remaining TTL; 0 for an expired value that is stored in case its source is unavailable. */
  readonly ttlMs: number;
  /** Size of the value and its response. */
  readonly bytes: number;
  readonly tags: readonly string[];
}

/** Position at which a scan of the entries continues. */
export type EntryPosition = readonly [node: number, cursor: string, after: string];

/** A page of entries; without `next` the scan is complete. */
export interface EntryPage {
  readonly entries: readonly EntryInfo[];
  readonly next: EntryPosition | undefined;
}

/** Called with an error that has been handled. */
export type OnError = (error: unknown) => void;

/**
 * Stores the entries of all caches of a manager. All methods except `evict` reject when the storage fails; `evict`
 * never does: failed evictions are recorded and retried.
 */
export interface CacheStorage {
  /** Evictions in the outbox that are not confirmed yet; undefined without an outbox. */
  pendingInvalidations(): Promise<OutboxDepth | undefined>;
  /**
   * Looks up a fresh value, and if there is none requests the right to fill, in one step: of all concurrent callers one
   * gets the lease. An entry without one of the tags is a miss.
   * @param tags tags the entry will have; undefined when they depend on the result
   */
  read(cache: string, key: string, tags: readonly string[] | undefined, options: ReadOptions): Promise<ReadResult>;
  /** Bytes of an entry that has not expired, without requesting a lease. */
  peek(cache: string, key: string): Promise<Buffer | undefined>;
  /**
   * Stores a loaded value.
   * @returns false when it was rejected, because the lease is void or something it depends on has been evicted
   */
  fill(lease: Lease, entry: Entry, life: Expiration): Promise<boolean>;
  /**
   * Extends a lease to the given time from now, at most to the TTL of a new one.
   * @returns false when the lease is void
   */
  renew(lease: Lease, lifeMs: number): Promise<boolean>;
  /** Releases an unused lease. */
  release(lease: Lease): Promise<void>;
  /**
   * Must be called before running the method whose result is to be put.
   * @param key key the entry will have; undefined when it depends on the result
   * @param tags tags the entry will have; undefined when they depend on the result
   */
  beginPut(cache: string, key: string | undefined, tags: readonly string[] | undefined): Promise<PutGuard>;
  /**
   * Stores the result of a method that has run.
   * @returns false when it was rejected, and the entry evicted
   */
  put(ticket: PutGuard, key: string, entry: Entry, life: Expiration): Promise<boolean>;
  /**
   * Removes stored entries and voids every lease and guard that depends on them.
   * @param isInOutbox true if an outbox row represents the eviction, so that a failure need not be recorded
   * @param failed called with the error on failure
   * @returns true when done; false when it will be retried, and this cache is bypassed until then
   */
  evict(cache: string, evictions: readonly Eviction[], isInOutbox: boolean, failed?: OnError): Promise<boolean>;
  /** Payload of an outbox row for these evictions; undefined for a storage that processes no outbox rows. */
  invalidationMessage(cache: string, evictions: readonly Eviction[]): InvalidationMessage | undefined;
  /**
   * A page of entries, in no particular order; it may have fewer than `limit`, or none, before the scan is complete.
   * Entries added or evicted during a scan may be missed or returned twice.
   */
  list(cache: string, limit: number, from?: EntryPosition): Promise<EntryPage>;
  /** Removes an entry whose value cannot be decoded, if it still has that value; running loads are not affected. */
  discard(cache: string, key: string, value: Buffer): Promise<void>;
}
