import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheManager, type Cache } from '../../src/cache/index.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { until } from '../support/until.js';
import { createCacheApp } from './support/cache-app.js';
import { Source } from './support/deferred-notes.js';
import { useRedis } from './support/suite.js';

@Injectable()
class Large {
  readonly source = new Source();

  @Cacheable({ cache: 'large', key: (id: number) => id, ttl: '10m', staleIfError: '1h', softTimeout: '1m' })
  get(_id: number): Promise<string> {
    return this.source.request();
  }
}

describe('waiting for the load of another process', () => {
  const redis = useRedis();

  it('takes few commands and reads a stale value only once', async () => {
    const options = { redisUrl: redis.server.url, providers: [Large], settings: { jitter: 0 } };
    const apps = [await createCacheApp(options), await createCacheApp(options)] as const;
    const [holder, waiter] = [apps[0].get(Large), apps[1].get(Large)];
    const first = holder.get(1);
    await holder.source.respond(randomBytes(250_000).toString('hex'));
    const size = (await first).length;
    const [entry = ''] = await redis.client.keys('*:entry:1');
    // Expired, but within `staleIfError`.
    await redis.client.pexpire(entry, 3_599_000);
    const loading = holder.get(1);
    await holder.source.started(2);
    const waiting = waiter.get(1);
    await until(() => apps[1].caches.stats()['large']?.leaseWaits === 1);

    const [startedAt, before] = [performance.now(), await traffic()];
    await sleep(2_000);
    const [elapsedMs, after] = [performance.now() - startedAt, await traffic()];
    expect(after.bytes - before.bytes).toBeLessThan(size / 10);
    // Ten polls in quick succession, then four per second, and two renewals of the lease per second.
    expect(after.scripts - before.scripts).toBeLessThan(15 + elapsedMs / 100);

    await holder.source.respond('new');
    expect(await Promise.all([loading, waiting])).toEqual(['new', 'new']);
    expect(waiter.source.runs).toBe(0);
    await Promise.all(apps.map((app) => app.close()));
  });

  it('lasts as long as a load may take, for manually created managers too', async () => {
    const settings = { ttl: '1m', localWaitMs: 300 };
    const managers = [1, 2].map(() => new CacheManager(new RedisStorage(redis.client, 10_000), settings));
    const [held, waiting] = managers.map((manager) => manager.get('rates')) as [Cache, Cache];
    const source = new Source();
    const first = held.getOrLoad('KRW', () => source.request());
    await source.started();
    const other = waiting.getOrLoad('KRW', () => source.request());
    await source.started(2);
    await source.respond(1390);
    await source.respond(1400);
    expect([await first, await other]).toEqual([1390, 1400]);
    // It loaded without a lease: it would have acquired one only after the first expired.
    expect(waiting.region.stats.snapshot()).toMatchObject({ leaseWaits: 1, leaseWaitTimeouts: 1, puts: 0 });
  });

  /** Bytes sent and scripts run by the server so far. */
  async function traffic(): Promise<{ readonly bytes: number; readonly scripts: number }> {
    const [stats, commands] = [await redis.client.info('stats'), await redis.client.info('commandstats')];
    return {
      bytes: Number(/total_net_output_bytes:(\d+)/.exec(stats)?.[1]),
      scripts: Number(/cmdstat_evalsha:calls=(\d+)/.exec(commands)?.[1]),
    };
  }
});
