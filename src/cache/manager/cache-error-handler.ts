import { Logger } from '@nestjs/common';

/**
 * Told of every operation of a cache that its storage has failed. What a method throws reaches the caller of the cached
 * method; when it returns, the call goes on as if the cache were not there: the method runs, its result is returned.
 *
 * Loaders and methods that fail are no business of it. Evicts are tried again whatever it does.
 */
export interface CacheErrorHandler {
  /** An entry could not be looked for. */
  getFailed(error: unknown, cache: string, key: string): void;
  /** A value could not be stored, or what that needs could not be asked for before the method ran. */
  putFailed(error: unknown, cache: string, key: string | undefined): void;
  /** An entry, or (without a key) those of some tags, could not be removed yet. */
  evictFailed(error: unknown, cache: string, key: string | undefined): void;
  /** The entries of a whole cache could not be removed yet. */
  clearFailed(error: unknown, cache: string): void;
}

/** What the log is told of a Redis that fails, and how often. */
export interface LoggingOptions {
  /** Whether the log gets the stack of the error; its message only by default. */
  readonly stacks?: boolean;
  /** For so long nothing more is logged, since a server that is away fails thousands of commands; 10 s by default. */
  readonly silenceMs?: number;
}

/** Logs operation, cache and key; the handler of all caches unless the settings name another. */
export class LoggingCacheErrorHandler implements CacheErrorHandler {
  private readonly logger = new Logger('Cache');
  private warnedAt = -Infinity;

  constructor(private readonly options: LoggingOptions = {}) {}

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
    const { stacks = false, silenceMs = 10_000 } = this.options;
    const now = performance.now();
    if (now - this.warnedAt < silenceMs) return;
    this.warnedAt = now;
    if (stacks && error instanceof Error) this.logger.warn(`${what}: ${String(error)}`, error.stack);
    else this.logger.warn(`${what}: ${String(error)}`);
  }
}

function quoted(key: string | undefined): string {
  return key === undefined ? 'some entries' : `'${key}'`;
}
