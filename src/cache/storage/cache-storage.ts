import type { OutboxDepth } from '../../database/index.js';
import type { InvalidationMessage } from './invalidation-message.js';

/**
 * How long a lease lives unless it is renewed: what the death of a process costs those who wait for its load. A loader
 * whose event loop stands still for longer loses its lease, which costs one load more.
 */
export const LEASE_MS = 2_000;

/** The right to fill one entry, as long as nothing it depends on is evicted. */
export interface Lease {
  readonly cache: string;
  readonly key: string;
  /** Unlike that of any other lease. */
  readonly token: string;
  /** Undefined when the tags are known only from the result. */
  readonly tags: readonly string[] | undefined;
}

/** Taken before a method that changes a value runs: its result may be put unless the entry is changed meanwhile. */
export interface PutGuard {
  readonly cache: string;
  /** Undefined when only the result tells; any change in the cache then counts. */
  readonly key: string | undefined;
  /** Undefined when only the result tells. */
  readonly tags: readonly string[] | undefined;
  /** The stamps it is judged by, for each shard that the entry may turn out to be in. */
  readonly seen: ReadonlyMap<string, string>;
}

/** How an entry is kept. */
export interface Expiration {
  readonly ttlMs: number;
  /** For so long beyond `ttlMs` it answers as stale. */
  readonly staleMs: number;
  /** It goes when nobody has read it for so long, before `ttlMs`. */
  readonly idleMs?: number | undefined;
  /** How long the load took, if the entry may be loaded anew before its time. */
  readonly loadMs?: number;
  readonly tags: readonly string[];
}

/** A value, and beside it what an HTTP client is answered, if that is kept ready to send. */
export interface Entry {
  readonly value: Buffer;
  readonly response?: Buffer | undefined;
}

/** Which of the two a reader wants. */
export type Representation = keyof Entry;

/** How an entry is looked for. */
export interface ReadOptions {
  /** An entry without an answer gives its value. */
  readonly representation: Representation;
  /** A value comes with a lease when it has no longer left than `haste` times what its load took. */
  readonly earlyRefreshFactor: number;
  /** The reader has the value past its time already: `busy` comes without it. */
  readonly knowsStale?: boolean;
}

/** Tags of an entry, each as `encodeKey` writes it; undefined unless only the result tells which it must have. */
type StoredTags = ReadonlySet<string> | undefined;

/** What a storage knows about an entry; `stale` is a value past its time that nobody has evicted. */
export type ReadResult =
  /** With a lease when the caller is to load it anew, before its time. */
  | {
      readonly kind: 'hit';
      readonly bytes: Buffer;
      readonly form: Representation;
      readonly refresh?: Lease | undefined;
      /** What is stored, when `bytes` have been made of it. */
      readonly stored?: Buffer;
      readonly tags?: StoredTags;
    }
  /** Nothing fresh: the caller loads, and fills with the lease. */
  | { readonly kind: 'lease'; readonly lease: Lease; readonly stale: Buffer | undefined; readonly tags?: StoredTags }
  /** Nothing fresh, and the holder of this token is loading. */
  | { readonly kind: 'locked'; readonly token: string; readonly stale: Buffer | undefined; readonly tags?: StoredTags }
  /** The storage cannot tell: the caller loads and keeps nothing. */
  | { readonly kind: 'unavailable' };

/** What to remove from a cache: one entry, everything, or all entries with one of these tags. */
export type Eviction = { readonly key: string } | { readonly all: true } | { readonly tags: readonly string[] };

/** An entry that can be read, as seen from outside. */
export interface EntryInfo {
  /** Its text among the keys of the cache. */
  readonly key: string;
  /** Time until its end; 0 for one past its time that is kept in case its source is away. */
  readonly ttlMs: number;
  /** Size of its value, and of the answer made of it. */
  readonly bytes: number;
  readonly tags: readonly string[];
}

/** Where a walk through the entries goes on. */
export type EntryPosition = readonly [node: number, cursor: string, after: string];

/** Some entries; without `next` the walk is at its end. */
export interface EntryPage {
  readonly entries: readonly EntryInfo[];
  readonly next: EntryPosition | undefined;
}

/** Told of an error that is dealt with. */
export type OnError = (error: unknown) => void;

/**
 * Where the entries of all caches of a manager are. All but `evict` reject when the storage fails; `evict` never
 * does: what could not be evicted is remembered and tried again.
 */
export interface CacheStorage {
  /** The client underneath; undefined when there is none. */
  readonly native: unknown;
  /** Evicts that are still to be confirmed; undefined where nothing keeps them. */
  pendingInvalidations(): Promise<OutboxDepth | undefined>;
  /**
   * Looks for a fresh value, and when there is none asks for the right to fill, in one step: of all who ask at once,
   * one gets the lease. An entry without one of the tags is not found.
   * @param tags those the entry will carry; undefined when only the result tells
   */
  read(cache: string, key: string, tags: readonly string[] | undefined, wish: ReadOptions): Promise<ReadResult>;
  /** The bytes of an entry that is not past its time, without asking for the right to fill it. */
  peek(cache: string, key: string): Promise<Buffer | undefined>;
  /**
   * Stores what was loaded.
   * @returns false when it was refused, because the lease is void or something it saw has been evicted
   */
  fill(lease: Lease, entry: Entry, life: Expiration): Promise<boolean>;
  /**
   * Lets a lease live on for so long from now, at most as long as a new one.
   * @returns false when it is void
   */
  renew(lease: Lease, lifeMs: number): Promise<boolean>;
  /** Gives a lease back unused. */
  release(lease: Lease): Promise<void>;
  /**
   * To be called before the method runs whose result is to be put.
   * @param key and tags those the entry will have; undefined when only the result tells
   */
  beginPut(cache: string, key: string | undefined, tags: readonly string[] | undefined): Promise<PutGuard>;
  /**
   * Stores a result whose method has run.
   * @returns false when it was refused, and the entry evicted
   */
  put(ticket: PutGuard, key: string, entry: Entry, life: Expiration): Promise<boolean>;
  /**
   * Removes what was kept and voids every lease and ticket that depends on it.
   * @param isKept a row in the outbox stands for it, and nothing need be remembered when it fails
   * @param failed told of the error when it fails
   * @returns whether it is done; false when it is tried again, and this cache is left aside until then
   */
  evict(cache: string, evictions: readonly Eviction[], isKept: boolean, failed?: OnError): Promise<boolean>;
  /** What a row in the outbox has to say for these evicts; undefined for a storage that carries out no rows. */
  invalidationMessage(cache: string, evictions: readonly Eviction[]): InvalidationMessage | undefined;
  /**
   * Some of the entries, in no particular order; fewer than `limit`, even none, before the walk is at its end. What is
   * added or evicted during a walk may be missed or come twice.
   */
  list(cache: string, limit: number, from?: EntryPosition): Promise<EntryPage>;
  /** Removes an entry whose value cannot be read, if it is still that one; loads under way are not disturbed. */
  discard(cache: string, key: string, value: Buffer): Promise<void>;
}
