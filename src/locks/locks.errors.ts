import { ServiceUnavailableError } from '../common/index.js';

/** Somebody else has had the lock for as long as one was willing to wait. */
export class LockBusyError extends ServiceUnavailableError {
  constructor(name: string, waitMs: number) {
    super(new Error(`lock '${name}' was not free within ${waitMs} ms; wait longer, or do less while it is held`));
    this.name = 'LockBusyError';
  }
}

/** The lock went to somebody else, or may have, while its work was under way: what that has done may be in vain. */
export class LockLostError extends ServiceUnavailableError {
  constructor(name: string, cause: unknown) {
    super(new Error(`lock '${name}' was lost while it was held`, { cause }));
    this.name = 'LockLostError';
  }
}
