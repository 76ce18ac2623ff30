import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import type { PeerCache } from './peer.js';

/** BentoCache with Redis only: a tier in memory would need a bus for invalidations, and could be staler. */
export function bentoCaches(redisUrl: string) {
  const { hostname: host, port } = new URL(redisUrl);
  const store = bentostore().useL2Layer(redisDriver({ connection: { host, port: Number(port) } }));
  const bento = new BentoCache({ default: 'redis', ttl: '10s', stores: { redis: store } });
  const cacheOf = (lane: number): PeerCache => {
    const cache = bento.namespace(`race-${lane}`);
    return {
      getOrLoad: (key, tag, factory, ttl) => cache.getOrSet({ key, tags: [tag], factory, ttl }),
      set: (key, tag, value) => cache.set({ key, value, tags: [tag] }),
      delete: (keys) => cache.deleteMany({ keys: [...keys] }),
      deleteTag: (tag) => cache.deleteByTag({ tags: [tag] }),
      clear: () => cache.clear(),
    };
  };
  return { cacheOf, close: () => bento.disconnectAll() };
}
