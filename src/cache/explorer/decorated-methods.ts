import { ownOperations, type Operation } from '../decorators/operations.js';

/**
 * The decorated methods of a class and its bases. A method that overrides a decorated one is decorated with the same,
 * unless it has decorators of its own.
 */
export function decoratedMethodsOf(prototype: object): Map<string | symbol, readonly Operation[]> {
  const methods = new Map<string | symbol, readonly Operation[]>();
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    for (const name of Reflect.ownKeys(each)) {
      const operations = ownOperations(each, name);
      if (operations !== undefined && !methods.has(name)) methods.set(name, operations);
    }
  }
  return methods;
}
