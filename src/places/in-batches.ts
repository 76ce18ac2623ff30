interface Batch<K, V> {
  readonly keys: Set<K>;
  readonly found: Promise<ReadonlyMap<K, V>>;
}

/**
 * Batches the lookups of one event-loop turn into one query: a list with twenty cache misses costs one query, not
 * twenty. A batch is closed before its query starts, so no caller receives a value that was read before its call.
 *
 * @param load returns the values that exist among the keys
 */
export function inBatches<K, V>(load: (keys: K[]) => Promise<ReadonlyMap<K, V>>) {
  let open: Batch<K, V> | undefined;
  const begin = (): Batch<K, V> => {
    const keys = new Set<K>();
    const found = new Promise(setImmediate).then(() => {
      open = undefined;
      return load([...keys]);
    });
    return { keys, found };
  };
  return async (key: K): Promise<V | undefined> => {
    open ??= begin();
    open.keys.add(key);
    return (await open.found).get(key);
  };
}
