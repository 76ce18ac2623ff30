// cache-manager over @keyv/redis (its own client, not ioredis), with `wrap`, which joins callers of one process.
import { createKeyv } from '@keyv/redis';
import { createCache } from 'cache-manager';

export async function open({ url, load }) {
  const cache = createCache({ stores: [createKeyv(url, { namespace: 'cache-manager' })], ttl: 3_600_000 });
  return {
    read: (id) => cache.wrap(`place:${id}`, () => load(id)),
    clear: () => cache.clear(),
    close: () => cache.disconnect(),
  };
}
