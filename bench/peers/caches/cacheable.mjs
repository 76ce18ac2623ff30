// cacheable with Redis as its only store (its usual memory in front would answer without asking Redis), and `getOrSet`,
// which joins callers of one process.
import { createKeyv } from '@keyv/redis';
import { Cacheable } from 'cacheable';

export async function open({ url, load }) {
  const cache = new Cacheable({ primary: createKeyv(url, { namespace: 'cacheable' }), ttl: '1h' });
  return {
    read: (id) => cache.getOrSet(`place:${id}`, () => load(id)),
    clear: () => cache.clear(),
    close: () => cache.disconnect(),
  };
}
