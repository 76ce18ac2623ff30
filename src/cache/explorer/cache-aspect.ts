import { Injectable } from '@nestjs/common';
import type { PreparedResponse } from '../../common/index.js';
import type { CachedMethod } from '../runtime/cached-method.js';

/**
 * The one place through which every call of a decorated method goes. Provide another in its stead to do something
 * around them, such as translating errors.
 */
@Injectable()
export class CacheAspect {
  /** @param proceed runs the method itself */
  invoke(
    method: CachedMethod,
    target: object,
    args: readonly unknown[],
    proceed: () => Promise<unknown>,
  ): Promise<unknown> {
    return method.invoke(target, args, proceed);
  }

  /** The same for what `@ServeFromCache` asks for. */
  answer(
    method: CachedMethod,
    target: object,
    args: readonly unknown[],
    proceed: () => Promise<unknown>,
  ): Promise<PreparedResponse> {
    return method.respond(target, args, proceed);
  }
}
