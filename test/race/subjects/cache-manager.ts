import { createKeyv } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import type { PeerCache } from './peer.js';

/** cache-manager over @keyv/redis. It has no tags: keys are deleted instead. */
export function cacheManagerCaches(redisUrl: string) {
  const caches: Cache[] = [];
  const cacheOf = (lane: number): PeerCache => {
    const cache = createCache({ stores: [createKeyv(redisUrl, { namespace: `race-${lane}` })], ttl: 10_000 });
    caches.push(cache);
    return {
      getOrLoad: (key, _tag, load, ttlMs) => cache.wrap(key, load, ttlMs),
      set: (key, _tag, row) => cache.set(key, row),
      delete: (keys) => cache.mdel([...keys]),
      deleteTag: (_tag, keys) => cache.mdel([...keys]),
      clear: () => cache.clear(),
    };
  };
  return { cacheOf, close: () => Promise.all(caches.map((cache) => cache.disconnect())) };
}
