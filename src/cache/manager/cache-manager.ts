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

/** What holds for all caches of a manager. */
export interface CacheManagerSettings {
  /** Keeps its caches apart from those of other managers on the same Redis. Letters, digits, `_`, `.`, `-`. */
  readonly prefix?: string;
  /** How long values live unless their operation says otherwise; `CACHE_TTL` by default. */
  readonly ttl?: number | string;
  /** The only names there are; any name makes a cache otherwise. */
  readonly caches?: readonly string[];
  /** Larger values are returned but not stored; 1 MiB by default. */
  readonly maxBytes?: number;
  /** Values of so many bytes and more are compressed, 16 KiB by default; `Infinity` for none. */
  readonly compressionThreshold?: number;
  /** Whether null and undefined may be stored; they may by default. */
  readonly allowNull?: boolean;
  /** How long a caller waits for another process that loads the same value; as long as `lease` by default. */
  readonly remoteWaitMs?: number;
  /** Told of what fails in Redis; a `LoggingCacheErrorHandler` by default. */
  readonly errorHandler?: CacheErrorHandler;
  /**
   * From 0 to 1: each value goes by chance up to this share of its time earlier, so that values written together are
   * not missed together; 0.1 by default. `ttl` is what a value lives at most.
   */
  readonly jitter?: number;
  /**
   * How early one caller loads an entry anew before its time, in the background: β of XFetch, 1 by default, more is
   * earlier, 0 is never.
   */
  readonly earlyRefresh?: number;
  /** One hit in so many is checked against its source, in the background; `CACHE_CHECK_ONE_IN` by default, 0: none. */
  readonly verifySampleOneIn?: number;
}

/** A cache name: it ends up in Redis keys, between braces. */
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
 * The caches of an application. Inject it to read the figures or to work with a cache by hand; decorated methods need
 * not know it.
 *
 * @example `constructor(private readonly caches: CacheManager) {}`
 * @example `await this.caches.get('place').evict(42);`
 * @example a manager whose entries are kept apart and live longer, for `@Cacheable({ cacheManager: 'reports' })`:
 * `{ provide: 'reports', inject: [CacheManager], useFactory: (all: CacheManager) => all.derive({ prefix: 'reports',
 * ttl: '1d' }) }`
 */
export class CacheManager {
  private readonly made = new Map<string, Cache>();
  private readonly derived: CacheManager[] = [];
  private readonly settings;

  /** @throws RangeError for settings out of their bounds */
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
   * Another manager on the same storage; what `settings` leaves out is as here. Managers of the same prefix share their
   * entries, but not their figures.
   */
  derive(settings: CacheManagerSettings & { readonly prefix: string }): CacheManager {
    const manager = new CacheManager(this.storage, { ...this.settings, ttl: this.settings.ttlMs, ...settings });
    this.derived.push(manager);
    return manager;
  }

  /** The cache of that name; undefined when it is not among the names this manager has. */
  find(name: string): Cache | undefined {
    const { caches, prefix } = this.settings;
    if (!NAME.test(name) || caches?.includes(name) === false) return undefined;
    const known = this.made.get(name);
    if (known !== undefined) return known;
    // No name holds a slash, so no prefix can be taken for the beginning of a name.
    const address = prefix === '' ? name : `${prefix}/${name}`;
    const cache = new Cache(new CacheRegion(name, this.storage, { ...this.settings, address }));
    this.made.set(name, cache);
    return cache;
  }

  /** @throws RangeError when there is no such cache and cannot be one */
  get(name: string): Cache {
    const cache = this.find(name);
    if (cache !== undefined) return cache;
    throw new RangeError(`cache ${JSON.stringify(name)} ${this.explainRejection(name)}`);
  }

  /** Why `find` gives nothing for a name. */
  explainRejection(name: string): string {
    if (!NAME.test(name)) return 'is no usable name; use 1 to 100 letters, digits or _ . : -';
    return `is not one of this cache manager's: ${this.settings.caches?.join(', ')}`;
  }

  /** The names declared, or else those used so far. */
  get names(): readonly string[] {
    return this.settings.caches ?? [...this.made.keys()];
  }

  /** What happened in each cache used so far, by name, in this process. */
  stats(): Readonly<Record<string, CacheStatsSnapshot>> {
    return Object.fromEntries([...this.made].map(([name, cache]) => [name, cache.region.stats.snapshot()]));
  }

  /** Evicts of all processes that Redis has not confirmed; undefined without a database. Rejects when it is away. */
  pendingInvalidations(): Promise<OutboxDepth | undefined> {
    return this.storage.pendingInvalidations();
  }

  /** The figures of derived managers too, by prefix and name: `reports/place`. */
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

/** Managers of one prefix share their entries, and are one line in the metrics. */
function sumOf(some: CacheStatsSnapshot, others: CacheStatsSnapshot | undefined): CacheStatsSnapshot {
  if (others === undefined) return some;
  const names = Object.keys(some) as (keyof CacheStatsSnapshot)[];
  return Object.fromEntries(names.map((name) => [name, some[name] + others[name]])) as CacheStatsSnapshot;
}
