import type { Type } from '@nestjs/common';
import { ResultUnavailableError } from '../cache.errors.js';
import type { CacheCall } from '../decorators/cache-call.js';

/** One call of a decorated method, and its result once there is one. */
export class MethodCall {
  private settled: { readonly result: unknown } | undefined;

  constructor(
    readonly target: object,
    readonly method: string,
    readonly args: readonly unknown[],
  ) {}

  settle(result: unknown): void {
    this.settled = { result };
  }

  /** A copy of this call with the given result. */
  withResult(result: unknown): MethodCall {
    const settled = new MethodCall(this.target, this.method, this.args);
    settled.settle(result);
    return settled;
  }

  /** @throws ResultUnavailableError before there is a result */
  get result(): unknown {
    if (this.settled === undefined) throw new ResultUnavailableError();
    return this.settled.result;
  }

  /** View of the call for the functions of one operation. */
  viewFor(caches: readonly string[]): CacheCall {
    return new OperationCall(this, caches);
  }
}

class OperationCall implements CacheCall {
  constructor(
    private readonly call: MethodCall,
    readonly caches: readonly string[],
  ) {}

  get target(): object {
    return this.call.target;
  }

  get targetClass(): Type {
    return this.call.target.constructor as Type;
  }

  get method(): string {
    return this.call.method;
  }

  get args(): readonly unknown[] {
    return this.call.args;
  }

  get result(): unknown {
    return this.call.result;
  }
}
