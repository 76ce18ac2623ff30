import type { Entry, Lease, Life, PutTicket, Reading, Wish } from '../../src/cache/storage/cache-storage.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { createCacheApp } from './support/cache-app.js';
import { Notes, v1, v2 } from './support/held-notes.js';
import { useRedis } from './support/suite.js';

class WithoutLeases extends RedisStorage {
  override async fill({ cache, key: address }: Lease, entry: Entry, life: Life): Promise<boolean> {
    return this.put(await this.beginPut(cache, address, life.tags), address, entry, life);
  }
}

class WithoutPutGuards extends RedisStorage {
  override async put(ticket: PutTicket, address: string, entry: Entry, life: Life): Promise<boolean> {
    return super.put(await this.beginPut(ticket.cache, address, life.tags), address, entry, life);
  }
}

class WithoutWritesStamp extends RedisStorage {
  override read(cache: string, address: string, tags: readonly string[] | undefined, wish: Wish): Promise<Reading> {
    return super.read(cache, address, tags ?? [], wish);
  }
}

describe('with its guard taken away', () => {
  const redis = useRedis();

  it.each([
    ['the lease', WithoutLeases, 'get', 'evict'],
    ['the put stamp', WithoutPutGuards, 'put', 'put'],
    ['the writes stamp', WithoutWritesStamp, 'getTaggedByResult', 'evictTag'],
  ] as const)('%s, the old value is kept', async (_guard, Storage, read, change) => {
    const overrides = [{ token: RedisStorage, value: new Storage(redis.client, 10_000) }];
    const options = { redisUrl: redis.server.url, providers: [Notes] };
    const app = await createCacheApp({ ...options, overrides });
    const other = await createCacheApp(options);
    const [notes, elsewhere] = [app.get(Notes), other.get(Notes)];
    const old = notes[read](1);
    await notes.source.started();
    const changed = elsewhere[change](1);
    if (change === 'put') await elsewhere.source.answer(v2);
    await changed;
    await notes.source.answer(v1);
    await old;
    expect(await notes[read === 'put' ? 'get' : read](1)).toEqual(v1);
    await Promise.all([app.close(), other.close()]);
  });
});
