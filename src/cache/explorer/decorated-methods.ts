import { ownMethod, type DecoratedMethod } from '../decorators/decorated-method.js';

/**
 * The decorated methods of a class and its bases; of one that is decorated in several of them, that of the nearest.
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
