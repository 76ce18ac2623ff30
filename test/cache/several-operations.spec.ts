import { Injectable } from '@nestjs/common';
import { Cacheable, CacheConfig, CacheEvict, CachePut, Caching, type CacheCall } from '../../src/cache/index.js';
import { namings, useCacheApp, useRedis, type Naming } from './support/suite.js';

const key = (arg: number) => arg;

function createService({ on, config }: Naming) {
  @Injectable()
  @CacheConfig(config)
  class ManyOperationsService {
    runs = 0;

    @Cacheable({ cache: ['primary', 'secondary'] })
    multiCache(_arg: number): Promise<number> {
      return this.next();
    }

    @Caching({
      evict: [
        { cache: 'primary' },
        { cache: 'secondary', key },
        { cache: 'primary', key: (arg: number) => `${arg}A` },
      ],
    })
    multiEvict(_arg: number): Promise<void> {
      return Promise.resolve();
    }

    @CachePut({ cache: 'primary' })
    @CachePut({ cache: 'secondary', key: (arg: number) => `${arg}B` })
    multiUpdate(_arg: number): Promise<number> {
      return this.next();
    }

    @Caching({ cacheable: [{ cache: 'primary', key }], evict: [{ cache: 'secondary' }] })
    cacheAndEvict(_arg: number): Promise<number> {
      return this.next();
    }

    @Caching({
      cacheable: [{ cache: 'primary', condition: (arg: number) => arg === 3 }],
      evict: [{ cache: 'secondary', condition: (arg: number) => arg === 3 }],
    })
    conditionalCacheAndEvict(_arg: number): Promise<number> {
      return this.next();
    }

    @Cacheable({ cache: 'primary', unless: (result: number) => result > 10 })
    @Cacheable({ cache: 'secondary', unless: (result: number) => result <= 10 })
    chooseByResult(arg: number): Promise<number> {
      this.runs += 1;
      return Promise.resolve(arg);
    }

    /** Results passed to each function, in order of the calls. */
    readonly received: unknown[] = [];

    @CachePut({
      ...on,
      condition(this: CacheCall<string | null, ManyOperationsService>) {
        this.target.received.push(['condition', this.result]);
        return true;
      },
      unless(this: CacheCall<string | null, ManyOperationsService>, result: string | null) {
        this.target.received.push(['unless', result, this.result]);
        return false;
      },
      key(this: CacheCall<string | null, ManyOperationsService>) {
        this.target.received.push(['key', this.result]);
        return ['key', this.result];
      },
    })
    watched(result: string | null): Promise<string | null> {
      this.received.push('method');
      return Promise.resolve(result);
    }

    @Cacheable({
      ...on,
      key(this: CacheCall<number>) {
        return this.result;
      },
    })
    keyedByResult(_arg: number): Promise<number> {
      return this.next();
    }

    @CacheEvict({
      ...on,
      beforeInvocation: true,
      key(this: CacheCall<number>) {
        return this.result;
      },
    })
    evictByResultTooEarly(_arg: number): Promise<number> {
      return this.next();
    }

    private next(): Promise<number> {
      this.runs += 1;
      return Promise.resolve(this.runs);
    }
  }
  return ManyOperationsService;
}

describe.each(namings)('several operations on one method, cache $naming', (naming) => {
  const Service = createService(naming);
  const app = useCacheApp(useRedis(), { providers: [Service] });
  const service = () => app().get(Service);
  const primary = () => app().caches.get('primary');
  const secondary = () => app().caches.get('secondary');

  it('conformance 44: fills both caches on a miss and serves a hit from either', async () => {
    const value = await service().multiCache(1);
    expect([await primary().get(1), await secondary().get(1)]).toEqual([{ value }, { value }]);
    await primary().evict(1);
    expect(await service().multiCache(1)).toBe(value);
    await secondary().evict(1);
    expect(await service().multiCache(1)).not.toBe(value);
  });

  it('conformance 45: evicts by several operations, caches and derived keys', async () => {
    await Promise.all([1, '1A', '1B'].map((each) => primary().put(each, `p${each}`)));
    await secondary().put(1, 's1');
    await service().multiEvict(1);
    expect(await Promise.all([primary().get(1), primary().get('1A'), secondary().get(1)])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await primary().get('1B')).toEqual({ value: 'p1B' });
  });

  it('conformance 46: stores by several puts', async () => {
    const value = await service().multiUpdate(1);
    expect([await primary().get(1), await secondary().get('1B')]).toEqual([{ value }, { value }]);
  });

  it('conformance 47: applies a lookup and an eviction without mixing their keys', async () => {
    await secondary().put(1, 'old');
    const value = await service().cacheAndEvict(1);
    expect([await primary().get(1), await secondary().get(1)]).toEqual([{ value }, undefined]);
    await secondary().put(1, 'old');
    expect(await service().cacheAndEvict(1)).toBe(value);
    expect(await secondary().get(1)).toBeUndefined();
  });

  it('conformance 48: applies a lookup and an eviction only when their conditions hold', async () => {
    await secondary().put(1, 'stored');
    expect(await service().conditionalCacheAndEvict(1)).not.toBe(await service().conditionalCacheAndEvict(1));
    expect([await primary().get(1), await secondary().get(1)]).toEqual([undefined, { value: 'stored' }]);
    await secondary().put(3, 'gone');
    expect(await service().conditionalCacheAndEvict(3)).toBe(await service().conditionalCacheAndEvict(3));
    expect(await secondary().get(3)).toBeUndefined();
  });

  it('conformance 49: chooses the cache by the result, with opposite unless of two lookups', async () => {
    const { runs } = service();
    for (const arg of [9, 9, 15, 15]) await service().chooseByResult(arg);
    expect(service().runs).toBe(runs + 2);
    expect([await primary().get(9), await secondary().get(9)]).toEqual([{ value: 9 }, undefined]);
    expect([await primary().get(15), await secondary().get(15)]).toEqual([undefined, { value: 15 }]);
  });

  describe('conformance 50: passes the result to every function that depends on it', () => {
    it('passes null as null', async () => {
      service().received.length = 0;
      await service().watched('a');
      await service().watched(null);
      expect(service().received.filter((each) => each !== 'method')).toEqual([
        ['condition', 'a'],
        ['unless', 'a', 'a'],
        ['key', 'a'],
        ['condition', null],
        ['unless', null, null],
        ['key', null],
      ]);
    });

    it('reports before the call that there is no result yet', async () => {
      const { runs } = service();
      await expect(service().keyedByResult(1)).rejects.toThrow(/^@Cacheable of .*keyedByResult: .* uses the result/);
      await expect(service().evictByResultTooEarly(1)).rejects.toThrow(/cannot use the result/);
      expect(service().runs).toBe(runs);
    });
  });
});
