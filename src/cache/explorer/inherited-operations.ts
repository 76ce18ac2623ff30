import type { Operation } from '../decorators/operations.js';

/** Matches arrow functions. They cannot read `this`, the only way for a key to include the class. */
const ARROW = /^(async\s*)?(\(|[\w$]+\s*=>)/;

/** Detects key collisions between the results of different classes that inherit the same operation. */
export class InheritedOperations {
  private readonly owners = new Map<Operation, Map<string, string>>();

  /**
   * Records that a class has this operation.
   * @param where such as `ShopsRepository.find`
   * @param caches addresses of its caches; none if a key generator makes the keys or a resolver chooses the caches
   * @returns the problem when another class has recorded this operation for one of the caches
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
