import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Cacheable } from '../../src/cache/index.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { ServiceUnavailableError } from '../../src/common/index.js';
import { until } from '../support/until.js';
import { withCacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

/** Values of a given size, and loads that the test can block. */
@Injectable()
class Values {
  loads = 0;
  size = 10;
  isDown = false;
  held = Promise.resolve();

  @Cacheable({ cache: 'values', key: (id: number) => id, ttl: '10m', staleIfError: '1h', softTimeout: '5s' })
  async get(_id: number): Promise<string> {
    this.loads += 1;
    await this.held;
    if (this.isDown) throw new ServiceUnavailableError();
    return randomBytes(this.size).toString('hex');
  }

  @Cacheable({ cache: 'values', key: (id: number) => id })
  async getPlainly(_id: number): Promise<string> {
    this.loads += 1;
    await this.held;
    return String(this.loads);
  }
}

/** Blocks loads; returns the function that releases them. */
function hold(values: Values): () => void {
  let open: () => void = () => undefined;
  values.held = new Promise((resolve) => (open = resolve));
  return open;
}

describe('concurrent lookups of one entry', () => {
  const redis = useRedis();
  const options = () => ({ redisUrl: redis.server.url, providers: [Values], settings: { earlyRefresh: 0, jitter: 0 } });

  it.each([10, 100_000])('share the load of the lease holder beside an old value of %i bytes', async (size) => {
    await withCacheApp(options(), async (app) => {
      const values = app.get(Values);
      values.size = size;
      for (let round = 1; round <= 10; round += 1) {
        const before = await values.get(1);
        const [entry = ''] = await redis.client.keys('*:entry:1');
        // Expired, but within `staleIfError`.
        await redis.client.pexpire(entry, 3_599_000);
        values.loads = 0;
        const refused = () => app.caches.stats()['values']?.refusedPuts ?? 0;
        const refusedBefore = refused();
        const results = await Promise.all(Array.from({ length: 30 }, () => values.get(1)));
        // A process that stalls beyond the duration of a lease (2 s) loses it: each put that is refused for that may
        // cost one more load.
        expect(values.loads).toBeGreaterThanOrEqual(1);
        expect(values.loads).toBeLessThanOrEqual(1 + refused() - refusedBefore);
        expect(results.filter((each) => each === before)).toEqual([]);
        expect(await redis.client.keys('*:lease:*')).toEqual([]);
      }
    });
  });

  it('wait for the lease holder until its lease expires, then for the next one', async () => {
    const settings = { lease: 200 };
    await withCacheApp({ ...options(), settings }, async (app) => {
      const values = app.get(Values);
      const open = hold(values);
      const first = values.getPlainly(1);
      await until(() => values.loads === 1);
      const others = Array.from({ length: 20 }, () => values.getPlainly(1));
      await until(() => (app.caches.stats()['values']?.leaseWaitTimeouts ?? 0) >= 20 && values.loads > 1);
      open();
      expect(new Set(await Promise.all([first, ...others])).size).toBe(1);
      // One load per expired lease, regardless of the number of waiters.
      expect(values.loads).toBeLessThan(6);
    });
  });

  it('do not fail because of a damaged neighbour in the same batch', async () => {
    await withCacheApp(options(), async (app) => {
      const values = app.get(Values);
      const ids = Array.from({ length: 8 }, (_, id) => id);
      const before = await Promise.all(ids.map((id) => values.getPlainly(id)));
      await redis.client.del('cache:{values}:entry:3');
      await redis.client.lpush('cache:{values}:entry:3', 'a list');
      await redis.client.hset('cache:{values}:entry:5', 'tags', 'no list');
      values.loads = 100;
      const results = await Promise.all(ids.map((id) => values.getPlainly(id)));
      expect(results.filter((each, id) => each === before[id])).toHaveLength(6);
      expect([results[3], results[5]].every((each) => Number(each) > 100)).toBe(true);
      expect(await Promise.all(ids.map((id) => values.getPlainly(id)))).toEqual(results);
      expect(app.caches.stats()['values']).toMatchObject({ errors: 0 });
    });
  });

  it('hit beside an entry for whose lease a full server has no memory', async () => {
    await withCacheApp(options(), async (app) => {
      const values = app.get(Values);
      const [first, second] = [await values.getPlainly(1), await values.getPlainly(2)];
      await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
      await redis.client.config('SET', 'maxmemory', '1');
      const results = await Promise.all([1, 99, 2].map((id) => values.getPlainly(id)));
      await redis.client.config('SET', 'maxmemory', '0');
      expect(results).toEqual([first, '3', second]);
      expect(app.caches.stats()['values']).toMatchObject({ hits: 2, errors: 1 });
    });
  });

  it('reject leases longer than the TTL of version stamps', () => {
    expect(() => new RedisStorage(redis.client, 61_000)).toThrow(
      'cache setting `lease` is 61000 ms; at most 60000 ms are allowed',
    );
  });
});
