import { Injectable } from '@nestjs/common';
import { Cacheable, CacheConfig, CacheEvict } from '../../src/cache/index.js';
import { namings, useCacheApp, useRedis, type Naming } from './support/suite.js';

const failure = new Error('the method fails');

function createService({ on, config }: Naming) {
  @Injectable()
  @CacheConfig(config)
  class EvictingService {
    @Cacheable({ ...on })
    cache(_key: number): Promise<number> {
      return Promise.resolve(Math.random());
    }

    @CacheEvict({ ...on })
    evict(_key: number): Promise<void> {
      return Promise.resolve();
    }

    @CacheEvict({ ...on, key: (_other: string, key: number) => key })
    evictWithKey(_other: string, _key: number): Promise<string> {
      return Promise.resolve('done');
    }

    @CacheEvict({ ...on })
    evictWithException(_key: number): Promise<void> {
      return Promise.reject(failure);
    }

    @CacheEvict({ ...on, beforeInvocation: true })
    evictEarly(_key: number): Promise<void> {
      return Promise.reject(failure);
    }

    @CacheEvict({ ...on, key: (_other: string, key: number) => key, beforeInvocation: true })
    evictWithKeyEarly(_other: string, _key: number): Promise<void> {
      return Promise.reject(failure);
    }

    @CacheEvict({ ...on, allEntries: true })
    evictAll(_key: number): Promise<void> {
      return Promise.resolve();
    }

    @CacheEvict({ ...on, allEntries: true, beforeInvocation: true })
    evictAllEarly(_key: number): Promise<void> {
      return Promise.reject(failure);
    }

    @Cacheable({ ...on, key: (key: number) => ['tagged', key], tags: (_key: number, tag: string) => [tag, 'any'] })
    tagged(_key: number, _tag: string): Promise<number> {
      return Promise.resolve(Math.random());
    }

    @CacheEvict({ ...on, tags: (...tags: string[]) => tags })
    evictTags(..._tags: string[]): Promise<void> {
      return Promise.resolve();
    }

    @CacheEvict({ ...on, condition: (key: number) => key === 1 })
    evictOne(_key: number): Promise<void> {
      return Promise.resolve();
    }
  }
  return EvictingService;
}

describe.each(namings)('@CacheEvict, cache $naming', (naming) => {
  const Service = createService(naming);
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Service] });
  const service = () => app().get(Service);

  /** The entries out of 1 and 2 that `work` evicts. */
  async function evictedBy(work: () => Promise<unknown>): Promise<number[]> {
    const before = [await service().cache(1), await service().cache(2)];
    await work();
    const after = [await service().cache(1), await service().cache(2)];
    return [1, 2].filter((_key, index) => before[index] !== after[index]);
  }

  it('conformance 29: removes the entry, so that the next call runs the method', async () => {
    expect(await evictedBy(() => service().evict(1))).toEqual([1]);
  });

  it('conformance 30: evicts by a key that ignores other arguments', async () => {
    expect(await evictedBy(() => service().evictWithKey('2', 1))).toEqual([1]);
  });

  it('conformance 31: evicts nothing when the method throws', async () => {
    const work = () => expect(service().evictWithException(1)).rejects.toBe(failure);
    expect(await evictedBy(work)).toEqual([]);
  });

  it('conformance 32: evicts before the invocation even if the method throws', async () => {
    const work = () => expect(service().evictEarly(1)).rejects.toBe(failure);
    expect(await evictedBy(work)).toEqual([1]);
  });

  it('conformance 33: evicts by key before the invocation even if the method throws', async () => {
    const work = () => expect(service().evictWithKeyEarly('2', 1)).rejects.toBe(failure);
    expect(await evictedBy(work)).toEqual([1]);
  });

  it('conformance 34: clears every entry of the cache with allEntries', async () => {
    expect(await evictedBy(() => service().evictAll(1))).toEqual([1, 2]);
  });

  it('conformance 35: clears the cache before the invocation even if the method throws', async () => {
    const work = () => expect(service().evictAllEarly(1)).rejects.toBe(failure);
    expect(await evictedBy(work)).toEqual([1, 2]);
  });

  it('conformance 36: evicts on methods that return nothing', async () => {
    await expect(service().evict(1)).resolves.toBeUndefined();
    await expect(service().evictWithKey('', 1)).resolves.toBe('done');
  });

  it('evicts nothing when the condition does not hold', async () => {
    expect(await evictedBy(() => service().evictOne(2))).toEqual([]);
    expect(await evictedBy(() => service().evictOne(1))).toEqual([1]);
  });

  it('evicts only the entries that carry a tag', async () => {
    const read = () => Promise.all([service().tagged(1, 'a'), service().tagged(2, 'b'), service().cache(1)]);
    const [a, b, untagged] = await read();
    await service().evictTags('a', 'unknown');
    const [otherA, sameB, sameUntagged] = await read();
    expect([otherA === a, sameB, sameUntagged]).toEqual([false, b, untagged]);
    await service().evictTags('any');
    const [thirdA, otherB, stillUntagged] = await read();
    expect([thirdA === otherA, otherB === b, stillUntagged]).toEqual([false, false, untagged]);
  });

  it('evicts with one kind of command, without KEYS or SCAN', async () => {
    await service().cache(1);
    await redis.client.config('RESETSTAT');
    await service().evictAll(1);
    await service().evictTags('a');
    const commands = (await redis.client.info('commandstats')).match(/cmdstat_\w+(?=:calls)/g);
    expect([...new Set(commands)]).toEqual(['cmdstat_unlink']);
  });
});
