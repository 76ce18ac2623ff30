import type { Eviction } from '../storage/cache-storage.js';

interface Change {
  readonly eviction: Eviction;
  readonly put?: { readonly expiration: { readonly tags: readonly string[] } };
}

/**
 * The changes of one transaction to one cache, without the puts whose entry it changes again later: their values were
 * overwritten before the commit, so no other caller may ever see them.
 */
export function dropSupersededPuts<C extends Change>(changes: readonly C[]): C[] {
  return changes.flatMap((change, at) => {
    if (change.put === undefined) return [change];
    const later = changes.slice(at + 1).filter(({ eviction }) => touches(eviction, change));
    if (later.length === 0) return [change];
    // An eviction now would void the guard of the later put, which evicts by itself when it stores nothing.
    return later.some(({ put }) => put !== undefined) ? [] : [{ ...change, put: undefined }];
  });
}

function touches(eviction: Eviction, { eviction: entry, put }: Change): boolean {
  if ('all' in eviction) return true;
  if ('tags' in eviction) return eviction.tags.some((tag) => put?.expiration.tags.includes(tag));
  return 'key' in entry && eviction.key === entry.key;
}
