export { currentLock, type LockHandle } from './held-lock.js';
export { Locked } from './locked.decorator.js';
export { LockBusyError, LockLostError } from './locks.errors.js';
export { Locks } from './locks.js';
export { LocksModule } from './locks.module.js';
