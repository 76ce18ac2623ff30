import type { CacheStorage, Entry, Eviction, Lease, Expiration, PutGuard, ReadResult, ReadOptions } from '../storage/cache-storage.js';
import { SingleFlight } from '../runtime/single-flight.js';
import type { InvalidationMessage } from '../storage/invalidation-message.js';
import { CacheStats } from './cache-stats.js';
import { EntryCodec, type CachedResponse, type Lookup } from './entry-codec.js';
import type { RegionSettings } from './region-settings.js';
import { Sampler } from './sampler.js';
import { hasTags, type EntryQuery } from './entry-query.js';
import { StoreErrors } from './store-errors.js';

/** A value to put in place of the cached one. */
export interface Replacement {
  readonly key: string;
  /** Acquired before the method ran; undefined when that failed. */
  readonly guard: PutGuard | undefined;
  /** Undefined when the value cannot be stored. */
  readonly entry: Entry | undefined;
  readonly expiration: Expiration;
}

const UNAVAILABLE = { kind: 'unavailable' } as const;

/** The entries of one cache: values instead of bytes. Storage errors are only counted and reported. */
export class CacheRegion {
  readonly stats = new CacheStats();
  readonly singleFlight = new SingleFlight();
  readonly codec: EntryCodec;
  /** Selects the hits to verify. */
  readonly sampler: Sampler;
  private readonly errors: StoreErrors;

  constructor(
    readonly name: string,
    readonly storage: CacheStorage,
    readonly settings: RegionSettings,
  ) {
    this.codec = new EntryCodec(name, settings, this.stats);
    this.errors = new StoreErrors(name, settings.errorHandler, this.stats);
    this.sampler = new Sampler(settings.verifySampleOneIn);
  }

  /** For the parameters see `ReadOptions`. */
  lookup(sought: EntryQuery, earlyRefreshFactor = 0, knowsStale = false): Promise<Lookup> {
    const open = (found: ReadResult) => this.open(sought, found) ?? this.retryLookup(sought, found);
    return this.read(sought, { representation: 'value', earlyRefreshFactor, knowsStale }, open);
  }

  /**
   * The same for the response; the value where no response is stored.
   * @param then handles what is found, without an additional promise
   */
  lookupResponse<T>(
    sought: EntryQuery,
    earlyRefreshFactor: number,
    then: (found: Lookup | CachedResponse) => T | Promise<T>,
  ): Promise<T> {
    // The tags depend on the value, which a stored response does not include.
    if (sought.tags === undefined) return this.lookup(sought, earlyRefreshFactor).then(then);
    const open = (found: ReadResult) => {
      const known = this.codec.openResponse(found) ?? this.codec.open(found);
      return known === undefined ? this.retryLookup(sought, found).then(then) : then(known);
    };
    return this.read(sought, { representation: 'response', earlyRefreshFactor }, open);
  }

  /** The cached value if it can be decoded, in a wrapper. */
  async peek(key: string): Promise<{ readonly decoded: unknown } | undefined> {
    const bytes = await this.errors.reportingGet(key, () => this.storage.peek(this.settings.address, key));
    return bytes && this.codec.openBytes(bytes);
  }

  async fill(lease: Lease, entry: Entry, life: Expiration): Promise<void> {
    const packed = await this.codec.pack(entry);
    const filled = await this.errors.reportingPut(lease.key, () => this.storage.fill(lease, packed, this.spread(life)));
    this.stats.countPut(filled, sizeOf(packed));
  }

  /**
   * See `CacheStorage.renew`. A failure is only counted, because the renewal is retried.
   * @returns whether the lease may still be held
   */
  async renew(lease: Lease, lifeMs: number): Promise<boolean> {
    let mayBeHeld = true;
    await this.errors.ignoringErrors(async () => {
      mayBeHeld = await this.storage.renew(lease, lifeMs);
    });
    return mayBeHeld;
  }

  /** A failure is only counted: the lease expires by itself, and the error of a load must not be masked. */
  async release(lease: Lease): Promise<void> {
    await this.errors.ignoringErrors(() => this.storage.release(lease));
  }

  beginPut(key: string | undefined, tags: readonly string[] | undefined): Promise<PutGuard | undefined> {
    return this.errors.reportingPut(key, () => this.storage.beginPut(this.settings.address, key, tags));
  }

  /**
   * Puts a value. Without guard or entry it evicts instead, because the cached value may be outdated.
   * @param isInOutbox see `CacheStorage.evict`
   * @returns whether the old value is certainly removed
   */
  async replace({ key, guard, entry, expiration }: Replacement, isInOutbox = false): Promise<boolean> {
    const [packed, spread] = [entry && (await this.codec.pack(entry)), this.spread(expiration)];
    let stored: boolean | undefined;
    try {
      if (guard && packed) {
        stored = await this.errors.reportingPut(key, () => this.storage.put(guard, key, packed, spread));
      }
    } catch (error) {
      // The handler passes its error to the caller; the cached value is outdated nevertheless.
      await this.remove([{ key }], isInOutbox);
      throw error;
    }
    if (packed !== undefined) this.stats.countPut(stored, sizeOf(packed));
    return stored !== undefined || this.remove([{ key }], isInOutbox);
  }

  async evict(eviction: Eviction): Promise<void> {
    await this.evictAll([eviction], false);
  }

  /**
   * @param isInOutbox see `CacheStorage.evict`
   * @returns whether Redis has confirmed the evictions
   */
  async evictAll(evictions: readonly Eviction[], isInOutbox: boolean): Promise<boolean> {
    for (const eviction of evictions) this.stats.countEviction(eviction);
    const done = await this.remove(evictions, isInOutbox);
    if (!done) this.stats.evictionRetries += 1;
    return done;
  }

  /** Outbox message for these evictions; undefined when the storage has no outbox. */
  invalidationMessage(evictions: readonly Eviction[]): InvalidationMessage | undefined {
    return this.storage.invalidationMessage(this.settings.address, evictions);
  }

  /** Applies the TTL jitter: values written together must not expire together. */
  private spread(life: Expiration): Expiration {
    const ttlMs = Math.ceil(life.ttlMs * (1 - this.settings.jitter * Math.random()));
    return { ...life, ttlMs };
  }

  // Most reads are hits, so no promise more than necessary.
  private read<T>(
    { key, tags }: EntryQuery,
    options: ReadOptions,
    open: (reading: ReadResult) => T | Promise<T>,
  ): Promise<T> {
    return this.storage.read(this.settings.address, key, tags, options).then(
      (reading) => {
        const unpacked = this.codec.unpack(reading);
        return 'kind' in unpacked ? open(unpacked) : unpacked.then(open);
      },
      (error: unknown) => {
        this.errors.getFailed(error, key);
        return open(UNAVAILABLE);
      },
    );
  }

  /** Content of a read result; undefined if it cannot be decoded, or lacks a tag that its value requires. */
  private open({ tagsOf }: EntryQuery, found: ReadResult): Lookup | undefined {
    const lookup = this.codec.open(found);
    if (tagsOf === undefined || lookup === undefined || lookup.kind === 'unavailable' || lookup.tags === undefined) {
      return lookup;
    }
    if (lookup.kind === 'hit') return hasTags(lookup.tags, () => tagsOf(lookup.value)) ? lookup : undefined;
    const stale = lookup.stale && this.codec.decode(lookup.stale);
    return stale && hasTags(lookup.tags, () => tagsOf(stale.decoded)) ? lookup : { ...lookup, stale: undefined };
  }

  /** Removes an unusable value and reads once more; after an unusable response, reads the value instead. */
  private async retryLookup(sought: EntryQuery, found: ReadResult): Promise<Lookup> {
    const { key } = sought;
    if (found.kind !== 'hit') return UNAVAILABLE;
    if (found.form === 'response') {
      if (found.refresh) await this.release(found.refresh);
      return this.lookup(sought);
    }
    const stored = found.stored ?? found.bytes;
    await this.errors.reportingGet(key, () => this.storage.discard(this.settings.address, key, stored));
    if (found.refresh) return { kind: 'lease', lease: found.refresh, stale: undefined };
    const options = { representation: 'value', earlyRefreshFactor: 0 } as const;
    return this.read(sought, options, (again) => this.open(sought, again) ?? UNAVAILABLE);
  }

  private async remove(evictions: readonly Eviction[], isInOutbox: boolean): Promise<boolean> {
    const failures: unknown[] = [];
    const done = await this.storage.evict(this.settings.address, evictions, isInOutbox, (e) => failures.push(e));
    for (const error of failures) this.errors.evictFailed(error, evictions);
    return done;
  }
}

function sizeOf({ value, response }: Entry): number {
  return value.length + (response?.length ?? 0);
}
