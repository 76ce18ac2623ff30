import { passFor, type JsonAnswer } from '../../common/index.js';
import { setAnswerer } from '../runtime/cached-answer.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/** Does something around a call of a method; `proceed` runs the method itself. */
export type Around<T> = (target: object, args: readonly unknown[], proceed: () => Promise<unknown>) => Promise<T>;

/**
 * Puts a function in the place of a method that cannot be told from it: same name and length, every piece of metadata
 * that other decorators left on it, whatever the order they were written in. Called without `this`, it uses `host`.
 *
 * @param host an instance, or a prototype whose instances are to share the function
 * @param answer how HTTP clients are answered; undefined where nothing is kept ready for them
 */
export function wrapMethod(
  host: object,
  name: string | symbol,
  { call, answer }: { readonly call: Around<unknown>; readonly answer: Around<JsonAnswer> | undefined },
): void {
  const method = Reflect.get(host, name) as Method;
  const wrapped = function (this: object | undefined, ...args: unknown[]): Promise<unknown> {
    const target = this ?? host;
    return call(target, args, () => method.apply(target, args));
  };
  passFor(wrapped, method);
  if (answer !== undefined) {
    setAnswerer(wrapped, (target, args) => answer(target, args, () => method.apply(target, [...args])));
  }
  Object.defineProperty(host, name, { value: wrapped, writable: true, configurable: true, enumerable: false });
}
