import { Injectable } from '@nestjs/common';
import { Cacheable, CachePut } from '../../src/cache/index.js';
import { until } from '../support/until.js';
import { withCacheApp } from './support/cache-app.js';
import { useCacheApp, useRedis } from './support/suite.js';

const key = (id: number) => id;

@Injectable()
class Seats {
  runs = 0;

  @Cacheable({ cache: 'seats', key, idle: 400, ttl: 1_500 })
  get(_id: number): Promise<number> {
    return Promise.resolve((this.runs += 1));
  }

  @CachePut({ cache: 'seats', key, idle: 400, ttl: 1_500 })
  take(_id: number): Promise<number> {
    return Promise.resolve((this.runs += 1));
  }
}

describe('the idle time of an entry', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Seats], settings: { jitter: 0 } });
  const seats = () => app().get(Seats);
  const left = () => redis.client.pttl('cache:{seats}:entry:1');

  it.each(['get', 'take'] as const)(
    'conformance 112: extends the idle time on read and expires the entry when idle (%s)',
    async (how) => {
      const value = await seats()[how](1);
      expect(await left()).toBeLessThanOrEqual(400);
      await until(async () => (await left()) < 200);
      expect(await seats().get(1)).toBe(value);
      expect(await left()).toBeGreaterThan(300);
      await until(async () => (await left()) < 0, 1_000);
      expect(await seats().get(1)).toBe(value + 1);
    },
  );

  it('never extends an entry beyond its TTL', async () => {
    const begin = performance.now();
    const value = await seats().get(1);
    await until(async () => (await seats().get(1)) !== value, 3_000);
    const livedMs = performance.now() - begin;
    expect(livedMs).toBeGreaterThan(1_400);
    expect(livedMs).toBeLessThan(2_000);
  });

  it('yields no value after expiry', async () => {
    @Injectable()
    class Both {
      @Cacheable({ cache: 'both', idle: '1s', staleIfError: '1h' })
      get(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    const starting = withCacheApp({ redisUrl: redis.server.url, providers: [Both] }, () => Promise.resolve());
    await expect(starting).rejects.toThrow('has both idle and staleIfError');
  });
});
