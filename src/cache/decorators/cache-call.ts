import type { Type } from '@nestjs/common';

/**
 * The call that a `key`, `condition`, `unless` or `tags` function is asked about: the `this` of that function.
 * Only a function written in method style has it; an arrow function sees the arguments alone.
 *
 * @typeParam R what the method's promise fulfils with
 * @typeParam T the class of the method
 * @example
 * `@CachePut({ cache: 'place', key(this: CacheCall<Place>) { return this.result.id; } })`
 */
export interface CacheCall<R = unknown, T extends object = object> {
  /** The provider the method was called on. */
  readonly target: T;
  readonly targetClass: Type;
  /** The name of the method. */
  readonly method: string;
  /** Names of the caches this operation works on. */
  readonly caches: readonly string[];
  readonly args: readonly unknown[];
  /**
   * What the method gave.
   * @throws ResultUnavailableError while the method has not run yet
   */
  readonly result: R;
}
