import { Injectable, Logger } from '@nestjs/common';
import { CacheManager, type Cache, type CacheStatsSnapshot, type EntryInfo, type EntryPosition } from '../cache/index.js';
import { CursorCodec, type AuthUser, type Page, type PageQueryDto, type PageRequest } from '../common/index.js';
import type { OutboxDepth } from '../database/index.js';
import { RedisConnections, type BreakerState } from '../redis/index.js';
import { CacheNotFoundError } from './admin.errors.js';

/** A cache and its statistics in this process. */
export interface CacheOverview {
  readonly name: string;
  readonly ttlMs: number;
  readonly stats: CacheStatsSnapshot;
}

/** All caches, and the state of their shared dependencies. */
export interface CachesOverview {
  readonly caches: readonly CacheOverview[];
  readonly breaker: BreakerState;
  /** Pending invalidations; null when PostgreSQL cannot be read. */
  readonly pending: OutboxDepth | null;
}

/** Lets admins inspect and clear the caches. */
@Injectable()
export class AdminCachesService {
  private readonly logger = new Logger('Admin');

  constructor(
    private readonly caches: CacheManager,
    private readonly cursors: CursorCodec,
    private readonly connections: RedisConnections,
  ) {}

  async list(): Promise<CachesOverview> {
    const pending = (await this.caches.pendingInvalidations().catch(() => undefined)) ?? null;
    const caches = [...this.caches.names].sort().map((name) => {
      const { settings, stats } = this.caches.get(name).region;
      return { name, ttlMs: settings.ttlMs, stats: stats.snapshot() };
    });
    return { caches, breaker: this.connections.breakerState('cache'), pending };
  }

  /** @throws CacheNotFoundError, InvalidCursorError */
  async listEntries(name: string, request: PageQueryDto): Promise<Page<EntryInfo>> {
    const cache = this.get(name);
    return this.cursors.page({ entriesOf: name }, request, async ({ after, limit }: PageRequest<EntryPosition>) => {
      const { entries, next } = await cache.entries(limit, after ?? undefined);
      return { items: entries, next: next ?? null };
    });
  }

  /** Evicts all entries. @throws CacheNotFoundError */
  async evictAll(name: string, admin: AuthUser): Promise<void> {
    await this.get(name).clear();
    this.logger.log(`cache '${name}' evicted by ${admin.userId}`);
  }

  /**
   * Evicts one entry, if it exists.
   * @param key as returned by `listEntries`
   * @throws CacheNotFoundError
   */
  async evict(name: string, key: string, admin: AuthUser): Promise<void> {
    await this.get(name).evictEncoded(key);
    this.logger.log(`an entry of cache '${name}' evicted by ${admin.userId}`);
  }

  // `CacheManager.get` may create a cache for an unknown name.
  private get(name: string): Cache {
    if (!this.caches.names.includes(name)) throw new CacheNotFoundError();
    return this.caches.get(name);
  }
}
