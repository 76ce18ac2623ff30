// async-cache-dedupe on Redis; callers of one process who ask at the same time share one lookup.
import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';

export async function open({ url, load }) {
  const redis = new Redis(url);
  const log = { debug: () => undefined, warn: console.error, error: console.error };
  const cache = createCache({ ttl: 3_600, storage: { type: 'redis', options: { client: redis, log } } });
  cache.define('place', (id) => load(id));
  return { read: (id) => cache.place(id), clear: () => cache.clear('place'), close: () => redis.quit() };
}
