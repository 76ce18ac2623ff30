import type { PreparedResponse } from '../../common/index.js';
import { CACHE_RUNTIME, methodReplacedBy, type CacheTarget } from '../decorators/decorated-method.js';

/**
 * Returns a function that calls a method decorated with `@Cacheable({ answer })` and gives its HTTP response. A hit
 * returns the stored bytes; nothing is decoded, copied or serialised.
 *
 * @throws TypeError when the method has no `answer` option
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
