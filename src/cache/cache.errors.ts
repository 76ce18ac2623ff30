import { ServiceUnavailableError } from '../common/index.js';

/**
 * Cache operations that contradict themselves or refer to something that does not exist. The application does not
 * start.
 */
export class InvalidCacheOperationsError extends Error {
  /** @param problems one sentence each, with the fix */
  constructor(readonly problems: readonly string[]) {
    super(`Invalid cache operations:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidCacheOperationsError';
  }
}

/**
 * A cache operation cannot determine the cache or the key of a call. A programming error, thrown before the method runs
 * wherever the arguments alone decide.
 */
export class CacheOperationError extends Error {
  /** @param operation such as `@Cacheable of PlacesService.get` */
  constructor(operation: string, problem: string, cause?: unknown) {
    super(`${operation}: ${problem}`, { cause });
    this.name = 'CacheOperationError';
  }
}

/** A key contains a value that cannot identify an entry, because different values would have the same encoding. */
export class UnsupportedKeyError extends Error {
  /** @param found such as `a function` */
  constructor(found: string) {
    super(
      `a cache key contains ${found}; use strings, numbers, dates, arrays, plain objects, Maps, Sets, bytes or ` +
        'instances with all state in visible fields, or give the operation a key function that picks such values',
    );
    this.name = 'UnsupportedKeyError';
  }
}

/** A function of an operation read `this.result` before the method had run. */
export class ResultUnavailableError extends Error {
  constructor() {
    super('the result is not available before the method has run; only a put, a late eviction and tags may use it');
    this.name = 'ResultUnavailableError';
  }
}

/** A value that the codec cannot reproduce. Cached methods return it without storing it. */
export class UncacheableValueError extends Error {
  /** @param found such as `an instance of Place` */
  constructor(
    readonly found: string,
    cure: string,
  ) {
    super(`${found} cannot be cached; ${cure}`);
    this.name = 'UncacheableValueError';
  }
}

/** A value larger than its cache allows. */
export class OversizedValueError extends UncacheableValueError {
  constructor(bytes: number, maxBytes: number) {
    super('a large value', `it takes ${bytes} bytes, and at most ${maxBytes} are stored; return less`);
    this.name = 'OversizedValueError';
  }
}

/** Stored bytes that this release cannot decode. Lookups treat them as a cache miss. */
export class UndecodableValueError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(`stored bytes cannot be decoded: ${problem}`, { cause });
    this.name = 'UndecodableValueError';
  }
}

/** `Cache.get` found a value of another class than the caller requested. */
export class WrongCachedTypeError extends Error {
  constructor(cache: string, expected: string, found: string) {
    super(`cache '${cache}' holds ${found} under this key, not ${expected}`);
    this.name = 'WrongCachedTypeError';
  }
}

/** `Cache.put` of null or undefined into a cache that does not allow them. */
export class NullNotAllowedError extends Error {
  constructor(cache: string) {
    super(`cache '${cache}' does not store null or undefined; enable allowNull, or exclude them with unless`);
    this.name = 'NullNotAllowedError';
  }
}

/** A load exceeded its hard timeout, and there is no stale value to return. */
export class LoadTimeoutError extends ServiceUnavailableError {
  constructor(limitMs: number) {
    super(new Error(`the load exceeded its hard timeout of ${limitMs} ms`));
  }
}

/** The cache is unavailable, and the bulkhead for loads without it is full, or a load queued in it timed out. */
export class TooManyLoadsError extends ServiceUnavailableError {
  constructor() {
    super(new Error('the cache is unavailable, and the queue of loads is full'));
  }
}

/** A loader passed to `Cache.getOrLoad` failed; `cause` is its error. */
export class CacheLoadError extends Error {
  constructor(cache: string, cause: unknown) {
    super(`the loader for cache '${cache}' failed`, { cause });
    this.name = 'CacheLoadError';
  }
}
