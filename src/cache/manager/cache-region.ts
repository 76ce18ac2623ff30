import type { CacheStorage, Entry, Eviction, Lease, Life, PutTicket, Reading, Wish } from '../storage/cache-storage.js';
import { Flights } from '../runtime/flights.js';
import type { WaitingEvict } from '../storage/waiting-evict.js';
import { CacheStats } from './cache-stats.js';
import { EntryCodec, type KeptAnswer, type Lookup } from './entry-codec.js';
import type { RegionSettings } from './region-settings.js';
import { Sampling } from './sampling.js';
import { hasTags, type Sought } from './sought.js';
import { StoreErrors } from './store-errors.js';

/** A value to be put instead of what is kept. */
export interface Replacement {
  readonly key: string;
  /** Taken before the method ran; undefined when that failed. */
  readonly ticket: PutTicket | undefined;
  /** Undefined when the value cannot be stored. */
  readonly entry: Entry | undefined;
  readonly life: Life;
}

const AWAY = { kind: 'away' } as const;

/** The entries of one cache: values instead of bytes, and a storage that fails is only counted and told. */
export class CacheRegion {
  readonly stats = new CacheStats();
  readonly flights = new Flights();
  readonly codec: EntryCodec;
  /** Which hits are checked. */
  readonly sampling: Sampling;
  private readonly errors: StoreErrors;

  constructor(
    readonly name: string,
    readonly storage: CacheStorage,
    readonly settings: RegionSettings,
  ) {
    this.codec = new EntryCodec(name, settings, this.stats);
    this.errors = new StoreErrors(name, settings.errorHandler, this.stats);
    this.sampling = new Sampling(settings.checkOneIn);
  }

  /** @param haste and knowsStale: see `Wish` */
  lookup(sought: Sought, haste = 0, knowsStale = false): Promise<Lookup> {
    const open = (found: Reading) => this.open(sought, found) ?? this.lookAgain(sought, found);
    return this.read(sought, { form: 'value', haste, knowsStale }, open);
  }

  /**
   * The same for an answer; the value where none is kept.
   * @param then what becomes of what is found: no promise more than it takes
   */
  lookupAnswer<T>(
    sought: Sought,
    haste: number,
    then: (found: Lookup | KeptAnswer) => T | Promise<T>,
  ): Promise<T> {
    // An answer does not tell which tags its value must have.
    if (sought.tags === undefined) return this.lookup(sought, haste).then(then);
    const open = (found: Reading) => {
      const known = this.codec.openAnswer(found) ?? this.codec.open(found);
      return known === undefined ? this.lookAgain(sought, found).then(then) : then(known);
    };
    return this.read(sought, { form: 'answer', haste }, open);
  }

  /** What is kept and can be read, in a box. */
  async peek(key: string): Promise<{ readonly decoded: unknown } | undefined> {
    const bytes = await this.errors.getOrTell(key, () => this.storage.peek(this.settings.address, key));
    return bytes && this.codec.openBytes(bytes);
  }

  async fill(lease: Lease, entry: Entry, life: Life): Promise<void> {
    const packed = await this.codec.pack(entry);
    const filled = await this.errors.putOrTell(lease.key, () => this.storage.fill(lease, packed, this.spread(life)));
    this.stats.countPut(filled, sizeOf(packed));
  }

  /**
   * See `CacheStorage.renew`; that it fails is only counted: it is tried again.
   * @returns whether it may still be the holder's
   */
  async renew(lease: Lease, lifeMs: number): Promise<boolean> {
    let mayBeHeld = true;
    await this.errors.quietly(async () => {
      mayBeHeld = await this.storage.renew(lease, lifeMs);
    });
    return mayBeHeld;
  }

  /** That it fails is only counted: the lease ends by itself, and the error of a load is not to be hidden. */
  async release(lease: Lease): Promise<void> {
    await this.errors.quietly(() => this.storage.release(lease));
  }

  beginPut(key: string | undefined, tags: readonly string[] | undefined): Promise<PutTicket | undefined> {
    return this.errors.putOrTell(key, () => this.storage.beginPut(this.settings.address, key, tags));
  }

  /**
   * Without ticket or entry there is nothing to put, and what the cache holds may be old: it is evicted.
   * @param isKept see `CacheStorage.evict`
   * @returns whether the old value is gone for certain
   */
  async replace({ key, ticket, entry, life }: Replacement, isKept = false): Promise<boolean> {
    const [packed, spread] = [entry && (await this.codec.pack(entry)), this.spread(life)];
    let stored: boolean | undefined;
    try {
      if (ticket && packed) {
        stored = await this.errors.putOrTell(key, () => this.storage.put(ticket, key, packed, spread));
      }
    } catch (error) {
      // The handler wants its caller to know; what is kept is old all the same.
      await this.remove([{ key }], isKept);
      throw error;
    }
    if (packed !== undefined) this.stats.countPut(stored, sizeOf(packed));
    return stored !== undefined || this.remove([{ key }], isKept);
  }

  async evict(eviction: Eviction): Promise<void> {
    await this.evictAll([eviction], false);
  }

  /**
   * @param isKept see `CacheStorage.evict`
   * @returns whether Redis has confirmed it
   */
  async evictAll(evictions: readonly Eviction[], isKept: boolean): Promise<boolean> {
    for (const eviction of evictions) this.stats.countEvict(eviction);
    const done = await this.remove(evictions, isKept);
    if (!done) this.stats.evictRetries += 1;
    return done;
  }

  /** What the outbox is to know in order to evict this; undefined when the storage has none. */
  waitingEvict(evictions: readonly Eviction[]): WaitingEvict | undefined {
    return this.storage.waitingEvict(this.settings.address, evictions);
  }

  /** Values that are written together would otherwise be missed together. */
  private spread(life: Life): Life {
    const ttlMs = Math.ceil(life.ttlMs * (1 - this.settings.jitter * Math.random()));
    return { ...life, ttlMs };
  }

  // A hit is what most reads are: no promise more than it takes.
  private read<T>(
    { key, tags }: Sought,
    wish: Wish,
    open: (reading: Reading) => T | Promise<T>,
  ): Promise<T> {
    return this.storage.read(this.settings.address, key, tags, wish).then(
      (reading) => {
        const unpacked = this.codec.unpack(reading);
        return 'kind' in unpacked ? open(unpacked) : unpacked.then(open);
      },
      (error: unknown) => {
        this.errors.getFailed(error, key);
        return open(AWAY);
      },
    );
  }

  /** What a reading holds; undefined for a value that cannot be read, or that lacks a tag which its result names. */
  private open({ tagsOf }: Sought, found: Reading): Lookup | undefined {
    const lookup = this.codec.open(found);
    if (tagsOf === undefined || lookup === undefined || lookup.kind === 'away' || lookup.tags === undefined) {
      return lookup;
    }
    if (lookup.kind === 'hit') return hasTags(lookup.tags, () => tagsOf(lookup.value)) ? lookup : undefined;
    const stale = lookup.stale && this.codec.decode(lookup.stale);
    return stale && hasTags(lookup.tags, () => tagsOf(stale.decoded)) ? lookup : { ...lookup, stale: undefined };
  }

  /** Removes a value that is not to be used, and asks once more; in place of such an answer it asks for the value. */
  private async lookAgain(sought: Sought, found: Reading): Promise<Lookup> {
    const { key } = sought;
    if (found.kind !== 'hit') return AWAY;
    if (found.form === 'answer') {
      if (found.refresh) await this.release(found.refresh);
      return this.lookup(sought);
    }
    const stored = found.stored ?? found.bytes;
    await this.errors.getOrTell(key, () => this.storage.discard(this.settings.address, key, stored));
    if (found.refresh) return { kind: 'lease', lease: found.refresh, stale: undefined };
    return this.read(sought, { form: 'value', haste: 0 }, (again) => this.open(sought, again) ?? AWAY);
  }

  private async remove(evictions: readonly Eviction[], isKept: boolean): Promise<boolean> {
    const failures: unknown[] = [];
    const failed = (error: unknown) => failures.push(error);
    const done = await this.storage.evict(this.settings.address, evictions, isKept, failed);
    for (const error of failures) this.errors.evictFailed(error, evictions);
    return done;
  }
}

function sizeOf({ value, answer }: Entry): number {
  return value.length + (answer?.length ?? 0);
}
