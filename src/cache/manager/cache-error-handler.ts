import { Logger } from '@nestjs/common';
import { ThrottledLogger } from '../../common/index.js';

/**
 * Notified of every cache operation that failed in the storage. An error thrown by the handler is passed to the caller
 * of the cached method; otherwise the call continues without the cache: the method runs, and its result is returned.
 *
 * Failures of loaders and methods are not reported to it. Evictions are retried regardless of what it does.
 */
export interface CacheErrorHandler {
  /** The lookup of an entry failed. */
  getFailed(error: unknown, cache: string, key: string): void;
  /** A value could not be stored, or the put could not be prepared before the method ran. */
  putFailed(error: unknown, cache: string, key: string | undefined): void;
  /** An entry, or (without a key) the entries with some tags, could not be evicted yet. */
  evictFailed(error: unknown, cache: string, key: string | undefined): void;
  /** The entries of a whole cache could not be evicted yet. */
  clearFailed(error: unknown, cache: string): void;
}

/** Content and rate of the log messages about Redis failures. */
export interface LoggingOptions {
  /** Whether the stack of the error is logged; only its message by default. */
  readonly stacks?: boolean;
  /**
   * Minimum interval between log messages, since an unavailable server fails thousands of commands; 10 s by default.
   */
  readonly silenceMs?: number;
}

/** Logs operation, cache and key. Default handler of all caches. */
export class LoggingCacheErrorHandler implements CacheErrorHandler {
  private readonly logger: ThrottledLogger;
  private readonly stacks: boolean;

  constructor({ stacks = false, silenceMs = 10_000 }: LoggingOptions = {}) {
    this.logger = new ThrottledLogger(new Logger('Cache'), silenceMs);
    this.stacks = stacks;
  }

  getFailed(error: unknown, cache: string, key: string): void {
    this.warn(`get of '${key}' in cache '${cache}' failed`, error);
  }

  putFailed(error: unknown, cache: string, key: string | undefined): void {
    this.warn(`put of ${quoted(key)} in cache '${cache}' failed`, error);
  }

  evictFailed(error: unknown, cache: string, key: string | undefined): void {
    this.warn(`evict of ${quoted(key)} in cache '${cache}' failed`, error);
  }

  clearFailed(error: unknown, cache: string): void {
    this.warn(`clear of cache '${cache}' failed`, error);
  }

  private warn(what: string, error: unknown): void {
    const stack = this.stacks && error instanceof Error ? [error.stack] : [];
    this.logger.warn('', `${what}: ${String(error)}`, ...stack);
  }
}

function quoted(key: string | undefined): string {
  return key === undefined ? 'some entries' : `'${key}'`;
}
