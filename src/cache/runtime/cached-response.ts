import type { PreparedResponse } from '../../common/index.js';
import { CACHE_RUNTIME, methodReplacedBy, type CacheTarget } from '../decorators/decorated-method.js';

/**
 * Returns a function that calls a method decorated with `@Cacheable({ response })` and gives its HTTP response. A hit
 * returns the stored bytes; nothing is decoded, copied or serialised.
 *
 * @throws TypeError when the method has no `response` option
 */
export function responderFor(host: object, name: string): (args: readonly unknown[]) => Promise<PreparedResponse> {
  const method = methodReplacedBy(Reflect.get(host, name));
  const { [CACHE_RUNTIME]: runtime } = host as CacheTarget;
  const hasResponse = method?.operations.some(({ kind, options }) => kind === 'cacheable' && 'response' in options);
  if (method === undefined || runtime === undefined || hasResponse !== true) {
    throw new TypeError(`${name} has no prepared response; set the option 'response' of its @Cacheable`);
  }
  return (args) => runtime.respond(method, host, args);
}
