import type { Localized } from './localized.js';

/** Error category, independent of any protocol; the problem filter maps each kind to its HTTP status. */
export type ErrorKind =
  | 'bad-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'precondition-failed'
  | 'timeout'
  | 'too-large'
  | 'headers-too-large'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'rate-limited'
  | 'internal'
  | 'unavailable';

/** A rejected field. */
export interface FieldError {
  /** JSON pointer into the body (`#/rating`), `?name` in the query, `{name}` in the path or `header:Name`. */
  readonly pointer: string;
  readonly detail: Localized;
}

export interface AppErrorOptions {
  readonly kind: ErrorKind;
  /** Stable identifier that clients rely on, such as `PLACE_NOT_FOUND`. */
  readonly code: string;
  /** What happened and what the caller can do; never contains the rejected value. */
  readonly detail: Localized;
  readonly errors?: readonly FieldError[];
  /** Response headers, such as `Retry-After` in seconds. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * An error that is returned to the caller. Each module derives its own in `<module>.errors.ts`.
 * @example
 * export class PlaceNotFoundError extends AppError {
 *   constructor() {
 *     super({ kind: 'not-found', code: 'PLACE_NOT_FOUND', detail: { en: 'The place does not exist.', ko: '…' } });
 *   }
 * }
 */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly detail: Localized;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: AppErrorOptions) {
    super(options.detail.en, { cause: options.cause });
    this.name = new.target.name;
    this.kind = options.kind;
    this.code = options.code;
    this.detail = options.detail;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}
