import { ResultUnavailableError } from '../cache.errors.js';
import type { Cache } from '../manager/cache.js';
import { currentUserId } from './call-scope.js';
import type { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';

/** An operation and what it says about a call; undefined where only the result tells. */
export interface Plan {
  readonly operation: Operation;
  readonly caches: readonly Cache[];
  readonly applies: true | undefined;
}

/** The operation, unless its condition excludes this call or it needs a user and nobody is signed in. */
export function applicable(operation: Operation, call: MethodCall): Plan[] {
  const caches = operation.cachesFor(call);
  const applies = tryBeforeResult(() => operation.conditionHolds(call, caches));
  const nobody = operation.scope === 'user' && operation.kind !== 'evict' && currentUserId() === undefined;
  return applies === false || nobody ? [] : [{ operation, caches, applies }];
}

/** What is asked for, or undefined while only the result would tell. */
export function tryBeforeResult<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ResultUnavailableError) return undefined;
    throw error;
  }
}
