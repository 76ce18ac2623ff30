import { RedisUnavailableError } from '../../redis/index.js';
import type { Eviction } from '../storage/cache-storage.js';
import type { CacheErrorHandler } from './cache-error-handler.js';
import type { CacheStats } from './cache-stats.js';

/** Handles the errors of a storage: counts and reports them, and suppresses them unless the handler throws. */
export class StoreErrors {
  constructor(
    private readonly cache: string,
    private readonly handler: CacheErrorHandler,
    private readonly stats: CacheStats,
  ) {}

  /** @returns undefined when the command failed and the handler did not throw */
  async reportingGet<T>(key: string, command: () => Promise<T>): Promise<T | undefined> {
    try {
      return await command();
    } catch (error) {
      this.getFailed(error, key);
      return undefined;
    }
  }

  /** @returns undefined when the command failed and the handler did not throw */
  async reportingPut<T>(key: string | undefined, command: () => Promise<T>): Promise<T | undefined> {
    try {
      return await command();
    } catch (error) {
      this.count(error);
      this.handler.putFailed(error, this.cache, key);
      return undefined;
    }
  }

  /** For commands whose failure is only counted. */
  async ignoringErrors(command: () => Promise<void>): Promise<void> {
    await command().catch((error: unknown) => this.count(error));
  }

  getFailed(error: unknown, key: string): void {
    this.count(error);
    this.handler.getFailed(error, this.cache, key);
  }

  evictFailed(error: unknown, evictions: readonly Eviction[]): void {
    this.count(error);
    for (const eviction of evictions) {
      if ('all' in eviction) this.handler.clearFailed(error, this.cache);
      else this.handler.evictFailed(error, this.cache, 'key' in eviction ? eviction.key : undefined);
    }
  }

  // A command that was not sent has not failed.
  private count(error: unknown): void {
    if (!(error instanceof RedisUnavailableError)) this.stats.errors += 1;
  }
}
