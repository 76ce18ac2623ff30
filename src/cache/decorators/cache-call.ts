import type { Type } from '@nestjs/common';

/**
 * The call for which a `key`, `condition`, `unless` or `tags` function is evaluated: the `this` of that function.
 * Only a function in method syntax receives it; an arrow function receives only the arguments.
 *
 * @typeParam R fulfilment value of the method's promise
 * @typeParam T class of the method
 * @example
 * `@CachePut({ cache: 'place', key(this: CacheCall<Place>) { return this.result.id; } })`
 */
export interface CacheCall<R = unknown, T extends object = object> {
  /** Provider on which the method was called. */
  readonly target: T;
  readonly targetClass: Type;
  /** Method name. */
  readonly method: string;
  /** Names of the caches of this operation. */
  readonly caches: readonly string[];
  readonly args: readonly unknown[];
  /**
   * Result of the method.
   * @throws ResultUnavailableError before the method has run
   */
  readonly result: R;
}
