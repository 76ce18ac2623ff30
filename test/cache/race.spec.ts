import { randomInt } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Cacheable, CacheEvict, CachePut, type CacheCall } from '../../src/cache/index.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import type { Lease, Life } from '../../src/cache/storage/cache-storage.js';
import { SEED, seededRandom } from '../support/seeded-random.js';
import { createCacheApp, type CacheApp, type CacheAppOptions } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 300);

const random = seededRandom(SEED);
const pause = () => (random() < 0.5 ? setImmediate() : setTimeout(Math.floor(random() * 4)));

/** What PostgreSQL would hold: versions that only grow. */
const database = new Map<number, number>();
let lastVersion = 0;

async function read(id: number): Promise<number> {
  await pause();
  const version = database.get(id) ?? 0;
  await pause();
  return version;
}

async function write(id: number): Promise<number> {
  await pause();
  lastVersion += 1;
  database.set(id, lastVersion);
  const written = lastVersion;
  await pause();
  return written;
}

const key = (id: number) => id;

@Injectable()
class Service {
  @Cacheable({ cache: 'race', key, tags: (id: number) => [`id:${id}`] })
  get(id: number): Promise<number> {
    return read(id);
  }

  @Cacheable({
    cache: 'race-by-result',
    key,
    tags(this: CacheCall<{ id: number }>) {
      return [`id:${this.result.id}`];
    },
  })
  async getTaggedByResult(id: number): Promise<{ id: number; version: number }> {
    return { id, version: await read(id) };
  }

  @CacheEvict({ cache: ['race', 'race-by-result'], key })
  evict(id: number): Promise<number> {
    return write(id);
  }

  @CacheEvict({ cache: ['race', 'race-by-result'], tags: (id: number) => [`id:${id}`] })
  evictTag(id: number): Promise<number> {
    return write(id);
  }

  @CacheEvict({ cache: ['race', 'race-by-result'], allEntries: true })
  evictAll(id: number): Promise<number> {
    return write(id);
  }

  @CachePut({ cache: 'race', key, tags: (id: number) => [`id:${id}`] })
  @CacheEvict({ cache: 'race-by-result', key })
  put(id: number): Promise<number> {
    return write(id);
  }
}

const writes = ['evict', 'evictTag', 'evictAll', 'put'] as const;

/** Six readers against two writers of one entry, on two instances; gives how many reads were stale. */
async function round(id: number, pods: readonly CacheApp[]): Promise<number> {
  let committed = 0;
  let stale = 0;
  const pod = () => pods[Math.floor(random() * pods.length)] ?? pods[0];
  const service = () => (pod() as CacheApp).get(Service);
  const readOnce = async (get: () => Promise<number>) => {
    const floor = committed;
    if ((await get()) < floor) stale += 1;
  };
  const reader = async () => {
    for (let turn = 0; turn < 4; turn++) {
      await pause();
      if (random() < 0.5) await readOnce(() => service().get(id));
      else await readOnce(async () => (await service().getTaggedByResult(id)).version);
    }
  };
  const writer = async () => {
    for (let turn = 0; turn < 2; turn++) {
      await pause();
      const written = await service()[writes[Math.floor(random() * writes.length)] ?? 'evict'](id);
      committed = Math.max(committed, written);
    }
  };
  await Promise.all([reader(), reader(), reader(), reader(), reader(), reader(), writer(), writer()]);
  await readOnce(() => service().get(id));
  await readOnce(async () => (await service().getTaggedByResult(id)).version);
  return stale;
}

/** Stale reads over all rounds, ten of which run at a time. */
async function race(pods: readonly CacheApp[]): Promise<number> {
  let stale = 0;
  for (let first = 0; first < ROUNDS; first += 10) {
    const ids = Array.from({ length: Math.min(10, ROUNDS - first) }, () => lastVersion * 100 + randomInt(2 ** 31));
    stale += (await Promise.all(ids.map((id) => round(id, pods)))).reduce((sum, each) => sum + each, 0);
  }
  return stale;
}

/** Stores whatever was loaded, as caches without leases do. */
class WithoutLeases extends RedisStorage {
  override async fill({ cache, key: address }: Lease, bytes: Buffer, life: Life): Promise<boolean> {
    return this.put(await this.beginPut(cache, address, life.tags), address, bytes, life);
  }
}

describe(`races of readers and writers, ${ROUNDS} rounds (SEED=${SEED})`, () => {
  const redis = useRedis();

  async function withPods<T>(
    options: Pick<CacheAppOptions, 'overrides'>,
    work: (pods: readonly CacheApp[]) => Promise<T>,
  ): Promise<T> {
    const all = { redisUrl: redis.server.url, providers: [Service], ...options };
    const pods = [await createCacheApp(all), await createCacheApp(all)];
    return work(pods).finally(() => Promise.all(pods.map((pod) => pod.close())));
  }

  it('end without a single stale read (holes 1, 3, 4, 5)', async () => {
    await withPods({}, async (pods) => {
      expect({ seed: SEED, stale: await race(pods) }).toEqual({ seed: SEED, stale: 0 });
      const { hits = 0, refused = 0 } = pods[0]?.caches.stats()['race'] ?? {};
      expect(hits).toBeGreaterThan(0);
      expect(refused).toBeGreaterThan(0);
    });
  }, 120_000);

  it('end with stale reads when the lease is not asked for', async () => {
    const connection = new Redis(redis.server.url);
    const overrides = [{ token: RedisStorage, value: new WithoutLeases(connection, 10_000) }];
    await withPods({ overrides }, async (pods) => expect(await race(pods)).toBeGreaterThan(0));
    connection.disconnect();
  }, 120_000);
});
