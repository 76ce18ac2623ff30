import { ownMethod, type DecoratedMethod } from '../decorators/decorated-method.js';

/**
 * Decorated methods of a class and its base classes; for a method decorated in several of them, the one of the nearest
 * class.
 */
export function decoratedMethodsOf(prototype: object): DecoratedMethod[] {
  const methods = new Map<string | symbol, DecoratedMethod>();
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    for (const name of Reflect.ownKeys(each)) {
      const method = ownMethod(each, name);
      if (method !== undefined && !methods.has(name)) methods.set(name, method);
    }
  }
  return [...methods.values()];
}
