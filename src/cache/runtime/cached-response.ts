import type { PreparedResponse } from '../../common/index.js';
import { CACHE_RUNTIME, methodReplacedBy, type CacheTarget } from '../decorators/decorated-method.js';

/**
 * How to call a method decorated with `@Cacheable({ answer })` for what an HTTP client is to be sent: a hit gives the
 * bytes as they are kept, and nothing is decoded, copied or serialised.
 *
 * @throws TypeError for a method that has none
 */
export function responderFor(host: object, name: string): (args: readonly unknown[]) => Promise<PreparedResponse> {
  const method = methodReplacedBy(Reflect.get(host, name));
  const { [CACHE_RUNTIME]: runtime } = host as CacheTarget;
  const hasAnswer = method?.operations.some(({ kind, options }) => kind === 'cacheable' && 'answer' in options);
  if (method === undefined || runtime === undefined || hasAnswer !== true) {
    throw new TypeError(`${name} has no ready answer; give its @Cacheable an 'answer'`);
  }
  return (args) => runtime.respond(method, host, args);
}
