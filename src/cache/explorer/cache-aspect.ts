import { Injectable } from '@nestjs/common';
import type { PreparedResponse } from '../../common/index.js';
import type { CachedMethod } from '../runtime/cached-method.js';

/**
 * Advice around every call of a decorated method. Provide another implementation to add behaviour, such as translating
 * errors.
 */
@Injectable()
export class CacheAspect {
  /** @param proceed runs the original method */
  invoke(
    method: CachedMethod,
    target: object,
    args: readonly unknown[],
    proceed: () => Promise<unknown>,
  ): Promise<unknown> {
    return method.invoke(target, args, proceed);
  }

  /** The same for calls from `@ServeFromCache`. */
  answer(
    method: CachedMethod,
    target: object,
    args: readonly unknown[],
    proceed: () => Promise<unknown>,
  ): Promise<PreparedResponse> {
    return method.respond(target, args, proceed);
  }
}
