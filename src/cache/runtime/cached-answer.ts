import type { JsonAnswer } from '../../common/index.js';

type Answerer = (target: object, args: unknown[]) => Promise<JsonAnswer>;
type Method = (...args: never[]) => Promise<unknown>;
type MethodName<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];
type ArgumentsOf<M> = M extends (...args: infer A) => unknown ? A : never;

const answerers = new WeakMap<object, Answerer>();

/** Notes how a decorated method answers HTTP clients. */
export function setAnswerer(method: object, answerer: Answerer): void {
  answerers.set(method, answerer);
}

/**
 * Calls a method decorated with `@Cacheable({ answer })` for what an HTTP client is to be sent: a hit gives the bytes
 * as they are kept, and nothing is decoded, copied or serialised.
 *
 * @example `return cachedAnswer(this.places, 'get', id);`
 * @throws TypeError for a method that is not decorated; CacheOperationError for one without `answer`
 */
export function cachedAnswer<T extends object, K extends MethodName<T>>(
  host: T,
  method: K,
  ...args: ArgumentsOf<T[K]>
): Promise<JsonAnswer> {
  const answerer = answerers.get(host[method] as object);
  if (answerer === undefined) throw new TypeError(`${String(method)} is no decorated method; put @Cacheable on it`);
  return answerer(host, args);
}
