// BentoCache with Redis alone, no memory in front; `getOrSet` holds a lock within the process.
import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';

export async function open({ url, load }) {
  const store = bentostore().useL2Layer(redisDriver({ connection: new Redis(url) }));
  const bento = new BentoCache({ default: 'redis', ttl: '1h', stores: { redis: store } });
  return {
    read: (id) => bento.getOrSet({ key: `place:${id}`, factory: () => load(id) }),
    clear: () => bento.clear(),
    close: () => bento.disconnectAll(),
  };
}
