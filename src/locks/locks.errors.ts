import { ServiceUnavailableError } from '../common/index.js';

/** Another holder had the lock for the whole time that the caller waited. */
export class LockBusyError extends ServiceUnavailableError {
  constructor(name: string, waitMs: number) {
    super(new Error(`lock '${name}' was not acquired within ${waitMs} ms; wait longer, or hold it for less time`));
    this.name = 'LockBusyError';
  }
}

/**
 * Another holder has, or may have, acquired the lock while the work was running: the effect of the work may be
 * rejected.
 */
export class LockLostError extends ServiceUnavailableError {
  constructor(name: string, cause: unknown) {
    super(new Error(`lock '${name}' was lost while it was held`, { cause }));
    this.name = 'LockLostError';
  }
}
