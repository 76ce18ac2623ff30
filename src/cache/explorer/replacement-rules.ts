import type { DecoratedMethod } from '../decorators/decorated-method.js';

/**
 * Problems that prevent calls of a method from running its cache operations, with the fix.
 * @param prototype prototype of a class that declares or inherits the method
 */
export function problemOfReplacement(prototype: object, method: DecoratedMethod): string[] {
  const where = `${prototype.constructor.name}.${String(method.name)}`;
  const owner = ownerOf(prototype, method.name);
  const found: unknown = Object.getOwnPropertyDescriptor(owner, method.name)?.value;
  if (owner !== method.prototype) {
    return [
      `${where} overrides a method with cache decorators and has none; repeat them on it, or write @Caching({}) if ` +
        'it is to have no operations',
    ];
  }
  if (found === method.original) {
    return [`${where} is still the method without its cache decorators, which have been applied but not assigned`];
  }
  if (found !== method.replacement && method.operations.some(({ kind }) => kind === 'cacheable')) {
    return [
      `${where} has @Cacheable beneath a decorator that replaces the method and would run on every hit; write ` +
        '@Cacheable above it',
    ];
  }
  return [];
}

/** The prototype that has the property as its own. */
function ownerOf(prototype: object, name: string | symbol): object {
  let owner = prototype;
  while (!Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object;
  return owner;
}
