import { CACHE_MANAGER, type Cache as NestCache } from '@nestjs/cache-manager';
import { Injectable } from '@nestjs/common';
import Keyv from 'keyv';
import { Cacheable, CacheEvict } from '../../../src/cache/index.js';
import { IoredisKeyvAdapter } from '../../../src/cache/keyv/ioredis-keyv-adapter.js';
import { until } from '../../support/until.js';
import { createCacheApp } from '../support/cache-app.js';
import { useCacheApp, useRedis } from '../support/suite.js';

const MANY = 200_000;

@Injectable()
class Service {
  @Cacheable({ cache: 'stored', key: (id: number) => id, tags: (id: number) => [`id:${id}`] })
  get(id: number): Promise<string> {
    return Promise.resolve(`value ${id}`);
  }

  @Cacheable({ cache: 'brief', key: (id: number) => id, ttl: '20ms', tags: (id: number) => [`id:${id % 10}`] })
  getBriefly(id: number): Promise<string> {
    return Promise.resolve(`value ${id}`);
  }

  @CacheEvict({ cache: 'stored', allEntries: true })
  clear(): Promise<void> {
    return Promise.resolve();
  }
}

describe('Redis', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Service] });
  const service = () => app().get(Service);
  const nestCache = () => app().get<NestCache>(CACHE_MANAGER);
  const keyv = (namespace: string) =>
    new Keyv({ store: new IoredisKeyvAdapter(redis.client, 'keyv:'), namespace });
  const commands = () => redis.client.info('commandstats');
  const timesToLive = async (pattern: string) => {
    const keys = await redis.client.keys(pattern);
    return Promise.all(keys.map((key) => redis.client.pttl(key)));
  };

  describe('prevents failure mode 40: a zero, negative or fractional TTL is accepted with another meaning', () => {
    it.each([0, -1, 0.5, NaN, Infinity, 2 ** 53, '', '30', '30 m', '-1s', '400d', null])(
      'rejects %p at start',
      async (ttl) => {
        class Refused {
          get(): Promise<number> {
            return Promise.resolve(1);
          }
        }
        const descriptor = Object.getOwnPropertyDescriptor(Refused.prototype, 'get') as PropertyDescriptor;
        const decorate = Cacheable({ cache: 'a', ttl: ttl as number }) as unknown as MethodDecorator;
        decorate(Refused.prototype, 'get', descriptor);
        const options = { redisUrl: redis.server.url, providers: [Refused] };
        await expect(createCacheApp(options)).rejects.toThrow(/ttl is .*; it must be whole milliseconds from 1/);
      },
    );

    it.each([
      ['milliseconds', 1_500, 1_500],
      ['a duration', '2s', 2_000],
    ])('accepts %s unchanged', async (_what, ttl, atMost) => {
      await app().caches.get('stored').put('timed', 1, { ttl });
      const [left = 0] = await timesToLive('*entry*timed*');
      expect(left).toBeGreaterThan(atMost * 0.9 - 300);
      expect(left).toBeLessThanOrEqual(atMost);
    });

    it.each([
      ['a fraction as whole milliseconds', 1_500.5, 1_501],
      ['zero as for ever, as Keyv does', 0, -1],
    ])('accepts in CACHE_MANAGER %s', async (_what, ttl, atMost) => {
      await nestCache().set('timed', 1, ttl);
      const [left = 0] = await timesToLive('keyv:*timed');
      expect(left).toBeLessThanOrEqual(atMost);
      expect(left).toBeGreaterThan(atMost - 500);
    });

    it.each([-1, NaN, Infinity, 2 ** 53])('stores nothing in CACHE_MANAGER for %p', async (ttl) => {
      await nestCache().set('timed', 1, ttl);
      await until(async () => (await redis.client.dbsize()) === 0);
    });
  });

  it('prevents failure mode 41: SET and EXPIRE are not atomic', async () => {
    await service().get(1);
    await service().clear();
    await redis.client.config('RESETSTAT');
    await service().get(2);
    expect(await commands()).toMatch(/cmdstat_evalsha:calls=2,/);
    const left = await timesToLive('*');
    expect(left.length).toBeGreaterThan(1);
    expect(left.filter((ms) => ms <= 0)).toEqual([]);
    expect(Math.max(...left)).toBeGreaterThan(1_600_000);
    await redis.client.config('RESETSTAT');
    await nestCache().set('key', 1);
    expect(await commands()).toMatch(/cmdstat_set:calls=1,/);
    expect(await commands()).not.toMatch(/cmdstat_p?expire/);
  });

  describe('prevents failure mode 42: clearing a cache blocks Redis with KEYS', () => {
    it(`evicts ${MANY} entries without KEYS or SCAN and without delaying other commands`, async () => {
      await service().get(0);
      const [one = ''] = await redis.client.keys('*entry*');
      await redis.client.eval(
        `local entry = redis.call('DUMP', KEYS[1])
         for i = 1, ${MANY} do redis.call('RESTORE', string.gsub(KEYS[1], ':0$', ':' .. i), 1800000, entry) end`,
        1,
        one,
      );
      expect(await redis.client.dbsize()).toBeGreaterThan(MANY);
      expect(await app().caches.get('stored').get(MANY)).toEqual({ value: 'value 0' });
      await redis.client.config('RESETSTAT');
      await service().clear();
      expect(await commands()).not.toMatch(/cmdstat_(keys|scan|flushdb)/);
      const [, slowest = 'none'] = /cmdstat_unlink:.*usec_per_call=([\d.]+)/.exec(await commands()) ?? [];
      expect(Number(slowest)).toBeLessThan(5_000);
      expect(await app().caches.get('stored').get(MANY)).toBeUndefined();
    });

    it('iterates CACHE_MANAGER by SCAN', async () => {
      await Promise.all(Array.from({ length: 1_200 }, (_each, index) => keyv('app').set(`k${index}`, index)));
      await redis.client.config('RESETSTAT');
      await nestCache().clear();
      expect(await commands()).not.toMatch(/cmdstat_keys/);
      expect(await redis.client.dbsize()).toBe(0);
    });
  });

  it('prevents failure mode 43: membership sets grow for ever', async () => {
    for (let first = 0; first < 1_000; first += 100) {
      await Promise.all(Array.from({ length: 100 }, (_each, index) => service().getBriefly(first + index)));
    }
    await until(async () => (await redis.client.keys('*entry*')).length === 0);
    const left = await timesToLive('*');
    // Only the stamps remain for a minute: one per tag and two per cache, regardless of the number of entries.
    expect(left.length).toBeLessThanOrEqual(12);
    expect(left.filter((ms) => ms <= 0 || ms > 60_000)).toEqual([]);
  });

  describe('prevents failure mode 48: a Keyv 6 instance loses its namespace', () => {
    it('clears only its own keys, whatever their names', async () => {
      for (const key of ['foreign', 'keyv:other:key', 'cache:{a}:all']) await redis.client.set(key, '1');
      await Promise.all([keyv('app').set('a', 1), keyv('a*').set('a', 1), keyv('apps').set('a', 1)]);
      await keyv('a*').clear();
      expect(await keyv('app').get('a')).toBe(1);
      await nestCache().clear();
      const left = await redis.client.keys('*');
      expect(left.sort()).toEqual(['cache:{a}:all', 'foreign', 'keyv:apps:a', 'keyv:other:key']);
    });
  });

  it('prevents failure mode 49: a custom adapter without `opts.dialect` fails with a TypeError', async () => {
    await Promise.all([nestCache().set('a', 1), nestCache().set('b', 2)]);
    const [store] = nestCache().stores;
    const found = new Map<unknown, unknown>();
    for await (const [key, value] of store?.iterator?.({}) ?? []) found.set(key, value);
    expect(found).toEqual(new Map([['a', 1], ['b', 2]]));
  });
});
