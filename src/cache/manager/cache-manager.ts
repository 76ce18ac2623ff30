import { durationMs } from '../../config/index.js';
import type { OutboxDepth } from '../../database/index.js';
import { NoStorage } from '../storage/no-storage.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { Cache } from './cache.js';
import { LoggingCacheErrorHandler, type CacheErrorHandler } from './cache-error-handler.js';
import { CacheRegion } from './cache-region.js';
import type { CacheStatsSnapshot } from './cache-stats.js';
import type { WaitSettings } from './region-settings.js';

export type { CacheStatsSnapshot };

/** Settings of all caches of a manager. */
export interface CacheManagerSettings {
  /** Separates its caches from those of other managers on the same Redis. Letters, digits, `_`, `.`, `-`. */
  readonly prefix?: string;
  /** Time to live of values whose operation sets none; `CACHE_TTL` by default. */
  readonly ttl?: number | string;
  /** Allowed cache names; by default, any name creates a cache. */
  readonly caches?: readonly string[];
  /** Maximum size of a stored value, in bytes; larger values are returned but not stored. 1 MiB by default. */
  readonly maxBytes?: number;
  /** Size from which values are compressed, in bytes; 16 KiB by default, `Infinity` disables compression. */
  readonly compressionThreshold?: number;
  /** Whether null and undefined may be stored; true by default. */
  readonly allowNull?: boolean;
  /** Maximum wait for another process that loads the same value; `lease` by default. */
  readonly remoteWaitMs?: number;
  /** Notified of Redis failures; a `LoggingCacheErrorHandler` by default. */
  readonly errorHandler?: CacheErrorHandler;
  /**
   * Maximum share of its `ttl`, from 0 to 1, by which a value expires earlier at random, so that values written
   * together do not expire together; 0.1 by default. `ttl` is the maximum lifetime.
   */
  readonly jitter?: number;
  /**
   * How early one caller reloads an entry in the background before it expires: β of XFetch, 1 by default, more is
   * earlier, 0 is never.
   */
  readonly earlyRefresh?: number;
  /**
   * One hit in this many is compared with its source in the background; 0 for none. The default is
   * `CACHE_VERIFY_SAMPLE_ONE_IN`.
   */
  readonly verifySampleOneIn?: number;
}

/** Format of a cache name, which becomes part of Redis keys, between braces. */
const NAME = /^[\w.:-]{1,100}$/;
const DEFAULTS = {
  prefix: '',
  maxBytes: 1024 ** 2,
  compressionThreshold: 16 * 1024,
  allowNull: true,
  localWaitMs: 10_000,
  jitter: 0.1,
  earlyRefresh: 1,
  verifySampleOneIn: 0,
};

/**
 * The caches of an application. Inject it to read the statistics or to use a cache without decorators; decorated
 * methods do not need it.
 *
 * @example `constructor(private readonly caches: CacheManager) {}`
 * @example `await this.caches.get('place').evict(42);`
 * @example a manager whose entries are separate and live longer, for `@Cacheable({ cacheManager: 'reports' })`:
 * `{ provide: 'reports', inject: [CacheManager], useFactory: (all: CacheManager) => all.derive({ prefix: 'reports',
 * ttl: '1d' }) }`
 */
export class CacheManager {
  private readonly made = new Map<string, Cache>();
  private readonly derived: CacheManager[] = [];
  private readonly settings;

  /** @throws RangeError for settings out of range */
  constructor(
    private readonly storage: CacheStorage,
    settings: CacheManagerSettings & WaitSettings & { readonly ttl: number | string },
  ) {
    const errorHandler = settings.errorHandler ?? new LoggingCacheErrorHandler();
    const remoteWaitMs = settings.remoteWaitMs ?? settings.localWaitMs ?? DEFAULTS.localWaitMs;
    this.settings = { ...DEFAULTS, ...settings, remoteWaitMs, errorHandler, ttlMs: durationMs('ttl', settings.ttl) };
    const { jitter, earlyRefresh, verifySampleOneIn } = this.settings;
    if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`jitter is ${jitter}; it must be from 0 to 1`);
    if (!(earlyRefresh >= 0)) throw new RangeError(`earlyRefresh is ${earlyRefresh}; it must be 0 or more`);
    if (verifySampleOneIn !== 0 && !(verifySampleOneIn >= 1)) {
      throw new RangeError(`verifySampleOneIn is ${verifySampleOneIn}; it must be 0, or 1 or more`);
    }
  }

  /**
   * A manager that never stores: every read runs its loader.
   * @example `{ provide: CacheManager, useFactory: () => CacheManager.none() }` in a test
   */
  static none(): CacheManager {
    return new CacheManager(new NoStorage(), { ttl: '1m' });
  }

  /**
   * Creates another manager on the same storage; settings left out are inherited. Managers with the same prefix share
   * their entries, but not their statistics.
   */
  derive(settings: CacheManagerSettings & { readonly prefix: string }): CacheManager {
    const manager = new CacheManager(this.storage, { ...this.settings, ttl: this.settings.ttlMs, ...settings });
    this.derived.push(manager);
    return manager;
  }

  /** Returns the cache of that name; undefined when the name is invalid or not among those of this manager. */
  find(name: string): Cache | undefined {
    const { caches, prefix } = this.settings;
    if (!NAME.test(name) || caches?.includes(name) === false) return undefined;
    const known = this.made.get(name);
    if (known !== undefined) return known;
    // No name contains a slash, so a prefix cannot be confused with the beginning of a name.
    const address = prefix === '' ? name : `${prefix}/${name}`;
    const cache = new Cache(new CacheRegion(name, this.storage, { ...this.settings, address }));
    this.made.set(name, cache);
    return cache;
  }

  /** @throws RangeError when the name is invalid or not among those of this manager */
  get(name: string): Cache {
    const cache = this.find(name);
    if (cache !== undefined) return cache;
    throw new RangeError(`cache ${JSON.stringify(name)} ${this.explainRejection(name)}`);
  }

  /** Reason why `find` returns undefined for a name. */
  explainRejection(name: string): string {
    if (!NAME.test(name)) return 'is no usable name; use 1 to 100 letters, digits or _ . : -';
    return `is not one of this cache manager's: ${this.settings.caches?.join(', ')}`;
  }

  /** The declared names, or else those used so far. */
  get names(): readonly string[] {
    return this.settings.caches ?? [...this.made.keys()];
  }

  /** Statistics of each cache used so far, by name, in this process. */
  stats(): Readonly<Record<string, CacheStatsSnapshot>> {
    return Object.fromEntries([...this.made].map(([name, cache]) => [name, cache.region.stats.snapshot()]));
  }

  /**
   * Evictions of all processes that Redis has not confirmed, from the outbox; undefined without a database. Rejects
   * when the database is unavailable.
   */
  pendingInvalidations(): Promise<OutboxDepth | undefined> {
    return this.storage.pendingInvalidations();
  }

  /** Statistics of this and all derived managers, by prefix and name: `reports/place`. */
  allStats(): Readonly<Record<string, CacheStatsSnapshot>> {
    const all: Record<string, CacheStatsSnapshot> = {};
    const add = (address: string, figures: CacheStatsSnapshot) => (all[address] = sumOf(figures, all[address]));
    for (const { region: { settings, stats } } of this.made.values()) add(settings.address, stats.snapshot());
    for (const manager of this.derived) {
      for (const [address, figures] of Object.entries(manager.allStats())) add(address, figures);
    }
    return all;
  }
}

/** Adds statistics: managers with the same prefix share their entries, and are one series in the metrics. */
function sumOf(some: CacheStatsSnapshot, others: CacheStatsSnapshot | undefined): CacheStatsSnapshot {
  if (others === undefined) return some;
  const names = Object.keys(some) as (keyof CacheStatsSnapshot)[];
  return Object.fromEntries(names.map((name) => [name, some[name] + others[name]])) as CacheStatsSnapshot;
}
