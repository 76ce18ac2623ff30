import { ResultUnavailableError } from '../cache.errors.js';
import type { Cache } from '../manager/cache.js';
import { currentUserId } from './call-scope.js';
import type { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';

/** An operation evaluated for a call; `applies` is undefined when its condition depends on the result. */
export interface Plan {
  readonly operation: Operation;
  readonly caches: readonly Cache[];
  readonly applies: true | undefined;
}

/** The operation, unless its condition excludes this call or it needs a user and none is signed in. */
export function applicable(operation: Operation, call: MethodCall): Plan[] {
  const caches = operation.cachesFor(call);
  const applies = tryBeforeResult(() => operation.conditionHolds(call, caches));
  const nobody = operation.scope === 'user' && operation.kind !== 'evict' && currentUserId() === undefined;
  return applies === false || nobody ? [] : [{ operation, caches, applies }];
}

/** The value, or undefined while it depends on a result that is not available yet. */
export function tryBeforeResult<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ResultUnavailableError) return undefined;
    throw error;
  }
}
