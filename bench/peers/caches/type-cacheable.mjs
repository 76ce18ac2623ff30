// @type-cacheable with its ioredis adapter; callers of one process who ask at the same time share one lookup.
import typeCacheable from '@type-cacheable/core';
import { useAdapter } from '@type-cacheable/ioredis-adapter';
import { Redis } from 'ioredis';

const { Cacheable, CacheClear } = typeCacheable;

export async function open({ url, load }) {
  const redis = new Redis(url);
  useAdapter(redis);
  class BenchService {
    getPlace(id) {
      return load(id);
    }

    clear() {
      return Promise.resolve();
    }
  }
  decorate(BenchService, 'getPlace', Cacheable({ cacheKey: ([id]) => `place:${id}`, ttlSeconds: 3_600 }));
  decorate(BenchService, 'clear', CacheClear({ isPattern: true, cacheKey: 'place:*' }));
  const service = new BenchService();
  return { read: (id) => service.getPlace(id), clear: () => service.clear(), close: () => redis.quit() };
}

function decorate(type, name, decorator) {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
  Object.defineProperty(type.prototype, name, decorator(type.prototype, name, descriptor));
}
