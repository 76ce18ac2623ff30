interface Batch<K, V> {
  readonly keys: Set<K>;
  readonly found: Promise<ReadonlyMap<K, V>>;
}

/**
 * Gathers the lookups of one turn of the event loop into one: a list whose twenty places are not in the cache costs one
 * query, not twenty. A batch is closed before its query begins, so nobody gets what was read before he asked.
 *
 * @param load finds what there is among the keys
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
