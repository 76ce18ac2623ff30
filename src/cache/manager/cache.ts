import type { Type } from '@nestjs/common';
import { durationMs } from '../../config/index.js';
import { CacheLoadError, WrongCachedTypeError } from '../cache.errors.js';
import { classNameOf } from '../codec/class-name.js';
import { encodeKey } from '../keys/cache-key.js';
import { loadThrough } from '../runtime/load-through.js';
import type { EntryInfo, EntryPage, EntryPosition } from '../storage/cache-storage.js';
import type { CacheRegion } from './cache-region.js';

export type { EntryInfo, EntryPosition };

/** Options for storing one value. */
export interface PutOptions {
  /** Milliseconds or a duration such as `'30m'`; the manager's default otherwise. */
  readonly ttl?: number | string;
  readonly tags?: readonly string[];
}

/**
 * One cache, for use without decorators. Keys are the values that the `key` of a decorator returns, and address the
 * same entries. Transactions are ignored: every operation takes effect immediately. When Redis is unavailable, reads
 * find nothing, puts do nothing, and evictions are retried until they succeed.
 */
export class Cache {
  /** @param region shared with the decorators, which use the same entries */
  constructor(readonly region: CacheRegion) {}

  get name(): string {
    return this.region.name;
  }

  /**
   * The cached value in a wrapper, since null and undefined are values too; undefined when there is none.
   * @throws WrongCachedTypeError when `type` is given and the value is not an instance of it
   */
  async get<T = unknown>(key: unknown, type?: Type<T>): Promise<{ readonly value: T } | undefined> {
    const found = await this.region.peek(encodeKey(key));
    if (found === undefined) return undefined;
    const value = found.decoded;
    if (type === undefined || value instanceof type) return { value: value as T };
    const what = typeof value === 'object' && value !== null ? classNameOf(value) : String(value);
    throw new WrongCachedTypeError(this.name, type.name, what);
  }

  /**
   * Stores a copy of the value.
   * @throws NullNotAllowedError when the manager does not allow null and undefined
   * @throws UncacheableValueError for values that the codec does not support, or that are too large
   * @throws RangeError for an invalid time to live
   */
  async put(key: unknown, value: unknown, options: PutOptions = {}): Promise<void> {
    const entry = { value: this.region.codec.encodeOrThrow(value) };
    const [address, expiration] = [encodeKey(key), this.expirationFor(options)];
    const guard = await this.region.beginPut(address, expiration.tags);
    await this.region.replace({ key: address, guard, entry, expiration });
  }

  /** Stores the value if there is none. Returns the present value in a wrapper; undefined when this one was put. */
  async putIfAbsent<T>(key: unknown, value: T, options: PutOptions = {}): Promise<{ readonly value: T } | undefined> {
    const unlike = { put: false };
    const put = () => {
      unlike.put = true;
      return Promise.resolve(value);
    };
    const present = await this.through(key, put, { ...options, onlyIfAbsent: true });
    return unlike.put ? undefined : { value: present };
  }

  /**
   * The cached value, or else the result of the loader, which is then stored. Concurrent misses share one load, in all
   * processes. The loader runs outside the request and the transaction of its caller.
   * @example `await caches.get('rates').getOrLoad('KRW', () => this.bank.rate('KRW'), { ttl: '5m' })`
   * @throws CacheLoadError with the loader's error as its cause
   */
  getOrLoad<T>(key: unknown, loader: () => Promise<T>, options: PutOptions = {}): Promise<T> {
    const load = () => loader().catch((error: unknown) => Promise.reject(new CacheLoadError(this.name, error)));
    return this.through(key, load, options);
  }

  /** Evicts one entry. Like every eviction it never fails: it is retried until Redis confirms it. */
  evict(key: unknown): Promise<void> {
    return this.region.evict({ key: encodeKey(key) });
  }

  /**
   * Lists some of the entries, for inspection: bounded work on the server, in no particular order, and fewer than
   * `limit`, even none, before the last page. The keys are encoded: `evictEncoded` takes them.
   * @param from `next` of the previous page
   * @throws when Redis is unavailable
   */
  entries(limit: number, from?: EntryPosition): Promise<EntryPage> {
    return this.region.storage.list(this.region.settings.address, limit, from);
  }

  /** Evicts an entry by its encoded key, as `entries` lists it. */
  evictEncoded(key: string): Promise<void> {
    return this.region.evict({ key });
  }

  /**
   * Evicts every entry with one of the tags, in constant time. Running loads of such entries are not stored.
   * @example `await caches.get('places').evictTags(['district:마포구'])`
   */
  evictTags(tags: readonly string[]): Promise<void> {
    return this.region.evict({ tags });
  }

  /** Evicts all entries, in constant time: they stay in memory until they expire, but are no longer returned. */
  clear(): Promise<void> {
    return this.region.evict({ all: true });
  }

  private async through<T>(
    key: unknown,
    load: () => Promise<T>,
    { onlyIfAbsent = false, ...options }: PutOptions & { readonly onlyIfAbsent?: boolean },
  ): Promise<T> {
    const expiration = this.expirationFor(options);
    const expirationFor = () => expiration;
    const { tags } = expiration;
    const target = { region: this.region, key: encodeKey(key), tags, expirationFor, toResponse: undefined };
    return (await loadThrough({ targets: [target], load, forceLoad: false, onlyIfAbsent, detached: true })) as T;
  }

  private expirationFor({ ttl = this.region.settings.ttlMs, tags = [] }: PutOptions) {
    return { ttlMs: durationMs('ttl', ttl), staleMs: 0, tags };
  }
}
