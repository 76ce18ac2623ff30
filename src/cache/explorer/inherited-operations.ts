import type { Operation } from '../decorators/operations.js';

/** An arrow function cannot ask `this`, the only place where a key finds the class. */
const ARROW = /^(async\s*)?(\(|[\w$]+\s*=>)/;

/** Finds results of different classes that would be taken for one, since the classes inherit one operation. */
export class InheritedOperations {
  private readonly owners = new Map<Operation, Map<string, string>>();

  /**
   * Notes that a class has this operation.
   * @param where such as `ShopsRepository.find`
   * @param caches addresses of the caches it works on, whose keys it makes itself
   * @returns what is wrong when another class has noted the same
   */
  problemOf(operation: Operation, where: string, caches: readonly string[]): string | undefined {
    const { kind, options } = operation;
    if (kind === 'evict' || (options.key !== undefined && !ARROW.test(String(options.key)))) return undefined;
    const known = this.owners.get(operation) ?? new Map<string, string>();
    this.owners.set(operation, known);
    const other = caches.map((cache) => known.get(cache)).find((owner) => owner !== undefined);
    for (const cache of caches) known.set(cache, where);
    if (other === undefined) return undefined;
    return (
      `shares its entries with ${other}, of another class that inherits the same decorator; give one class a ` +
      '@CacheConfig with a cache of its own, or name this.targetClass in the key'
    );
  }
}
