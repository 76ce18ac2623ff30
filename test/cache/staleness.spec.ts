import { Redis } from 'ioredis';
import type { Lease, Life, PutTicket, Reading } from '../../src/cache/storage/cache-storage.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { Notes, v1, v2 } from './support/held-notes.js';
import { useRedis } from './support/suite.js';

describe('a value that changes while it is loaded', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Notes, Notes] = [new Notes(), new Notes()];

  beforeEach(async () => {
    const options = { redisUrl: redis.server.url, providers: [Notes] };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Notes), pods[1].get(Notes)];
  });
  afterEach(() => Promise.all(pods.map((pod) => pod.close())));

  const evicts = ['evict', 'evictAll', 'evictTag'] as const;

  it.each(evicts)('is not kept when it was evicted meanwhile, by %s (holes 1, 3)', async (evict) => {
    const old = a.get(1);
    await a.source.started();
    await a[evict](1);
    await a.source.answer(v1);
    expect(await old).toEqual(v1);
    await readsNew(a, 'get');
  });

  it.each(evicts)('is not kept when another instance evicted it, by %s (hole 4)', async (evict) => {
    const old = a.get(1);
    await a.source.started();
    await b[evict](1);
    await a.source.answer(v1);
    await old;
    await readsNew(b, 'get');
  });

  it.each(['evictAll', 'evictTag'] as const)('is not kept when only its result tells its tags (%s)', async (evict) => {
    const old = a.getTaggedByResult(1);
    await a.source.started();
    await b[evict](1);
    await a.source.answer(v1);
    await old;
    await readsNew(a, 'getTaggedByResult');
  });

  it.each(evicts)('is loaded anew for who comes after the evict, though the old load runs on (%s)', async (evict) => {
    const old = a.get(1);
    await a.source.started();
    await a[evict](1);
    const [fresh, elsewhere] = [a.get(1), b.get(1)];
    await a.source.started(2);
    await a.source.answer(v1);
    await a.source.answer(v2);
    expect(await Promise.all([old, fresh, elsewhere])).toEqual([v1, v2, v2]);
    expect(b.source.runs).toBe(0);
  });

  it.each(['put', 'create'] as const)('is not kept when a put of another came first (%s, hole 5)', async (method) => {
    const [older, newer] = [a[method](1), b.put(1)];
    await Promise.all([a.source.started(), b.source.started()]);
    await b.source.answer(v2);
    await newer;
    await a.source.answer(v1);
    await older;
    await readsNew(a, 'get');
  });

  it('is not put when it was evicted meanwhile', async () => {
    const put = a.put(1);
    await a.source.started();
    await b.evictTag(2);
    await b.evictAll(1);
    await a.source.answer(v1);
    await put;
    await readsNew(a, 'get');
  });

  it('is put though other entries of the cache are written at the same time', async () => {
    const puts = [1, 2, 3].map((id) => a.put(id));
    await a.source.started(3);
    for (const id of [1, 2, 3]) await a.source.answer({ id, text: 'put' });
    await Promise.all(puts);
    expect(pods[0].caches.stats()['notes']).toMatchObject({ puts: 3, refused: 0 });
  });

  describe('without its guard', () => {
    class WithoutLeases extends RedisStorage {
      override async fill({ cache, key: address }: Lease, bytes: Buffer, life: Life): Promise<boolean> {
        return this.put(await this.beginPut(cache, address, life.tags), address, bytes, life);
      }
    }
    class WithoutPutGuards extends RedisStorage {
      override async put(ticket: PutTicket, address: string, bytes: Buffer, life: Life): Promise<boolean> {
        return super.put(await this.beginPut(ticket.cache, address, life.tags), address, bytes, life);
      }
    }
    class WithoutWritesStamp extends RedisStorage {
      override read(cache: string, address: string, tags: readonly string[] | undefined): Promise<Reading> {
        return super.read(cache, address, tags ?? []);
      }
    }

    it.each([
      ['the lease', WithoutLeases, 'get', 'evict'],
      ['the put stamp', WithoutPutGuards, 'put', 'put'],
      ['the writes stamp', WithoutWritesStamp, 'getTaggedByResult', 'evictTag'],
    ] as const)('%s, the old value would be kept', async (_guard, Storage, read, change) => {
      const connection = new Redis(redis.server.url);
      const overrides = [{ token: RedisStorage, value: new Storage(connection, 10_000) }];
      const app = await createCacheApp({ redisUrl: redis.server.url, providers: [Notes], overrides });
      const notes = app.get(Notes);
      const old = notes[read](1);
      await notes.source.started();
      const changed = b[change](1);
      if (change === 'put') await b.source.answer(v2);
      await changed;
      await notes.source.answer(v1);
      await old;
      expect(await notes[read === 'put' ? 'get' : read](1)).toEqual(v1);
      await app.close();
      connection.disconnect();
    });
  });

  async function readsNew(notes: Notes, method: 'get' | 'getTaggedByResult'): Promise<void> {
    const fresh = notes[method](1);
    await notes.source.answer(v2);
    expect(await fresh).toEqual(v2);
    expect(await notes[method](1)).toEqual(v2);
  }
});
