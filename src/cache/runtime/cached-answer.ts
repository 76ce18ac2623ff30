import type { JsonAnswer } from '../../common/index.js';

type Answerer = (target: object, args: readonly unknown[]) => Promise<JsonAnswer>;

const answerers = new WeakMap<object, Answerer>();

/** Notes how a decorated method answers HTTP clients; only one whose `@Cacheable` has an `answer` does. */
export function setAnswerer(method: object, answerer: Answerer): void {
  answerers.set(method, answerer);
}

/**
 * How to call a method decorated with `@Cacheable({ answer })` for what an HTTP client is to be sent: a hit gives the
 * bytes as they are kept, and nothing is decoded, copied or serialised.
 *
 * @throws TypeError for a method that has none
 */
export function answererOf(host: object, method: string): (args: readonly unknown[]) => Promise<JsonAnswer> {
  const answerer = answerers.get(Reflect.get(host, method) as object);
  if (answerer === undefined) throw new TypeError(`${method} has no ready answer; give its @Cacheable an 'answer'`);
  return (args) => answerer(host, args);
}
