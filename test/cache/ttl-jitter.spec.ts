import { Injectable } from '@nestjs/common';
import { Cacheable, CachePut, type CacheSettings } from '../../src/cache/index.js';
import { until } from '../support/until.js';
import { withCacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

/** Long compared with the duration of the test. */
const TTL_MS = 10_000_000;
const ENTRIES = 1_000;

@Injectable()
class Service {
  @Cacheable({ cache: 'together', key: (id: number) => id, ttl: TTL_MS })
  get(id: number): Promise<number> {
    return Promise.resolve(id);
  }

  @CachePut({ cache: 'together', key: (id: number) => id, ttl: TTL_MS })
  put(id: number): Promise<number> {
    return Promise.resolve(id);
  }
}

describe('prevents failure mode 46: entries written together expire together', () => {
  const redis = useRedis();

  /** Remaining TTLs in ms, in ascending order. */
  async function lives(settings: CacheSettings, method: 'get' | 'put'): Promise<number[]> {
    return withCacheApp({ redisUrl: redis.server.url, providers: [Service], settings }, async (app) => {
      const service = app.get(Service);
      const entries = async () => (await redis.client.keys('cache:*')).filter((key) => key.includes(':entry:'));
      for (let first = 0; first < ENTRIES; first += 50) {
        // Again where the cache was bypassed, because Redis was slow on a busy machine.
        await until(async () => {
          await Promise.all(Array.from({ length: 50 }, (_each, index) => service[method](first + index)));
          return (await entries()).length === first + 50;
        });
      }
      const keys = await entries();
      const left = await Promise.all(keys.map((key) => redis.client.pttl(key)));
      return left.sort((one, other) => one - other);
    });
  }

  it.each(['get', 'put'] as const)('spreads the expiry over the last tenth of the TTL (%s)', async (method) => {
    const left = await lives({}, method);
    expect(left).toHaveLength(ENTRIES);
    expect(left[0]).toBeGreaterThan(0.88 * TTL_MS);
    expect(left.at(-1)).toBeLessThanOrEqual(TTL_MS);
    const [early = 0, late = 0] = [left[ENTRIES / 10], left[(ENTRIES * 9) / 10]];
    expect(late - early).toBeGreaterThan(0.05 * TTL_MS);
    const hundredths = new Set(left.map((ms) => Math.floor(ms / (TTL_MS / 100))));
    expect(hundredths.size).toBeGreaterThanOrEqual(9);
  });

  it('does not spread it when jitter is 0', async () => {
    const left = await lives({ jitter: 0 }, 'get');
    expect((left.at(-1) ?? 0) - (left[0] ?? 0)).toBeLessThan(0.05 * TTL_MS);
  });

  it.each([-0.1, 1.1, NaN])('rejects a jitter of %d', async (jitter) => {
    await expect(lives({ jitter }, 'get')).rejects.toThrow(`jitter is ${jitter}; it must be from 0 to 1`);
  });
});
