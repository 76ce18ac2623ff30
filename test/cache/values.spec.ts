import { Injectable } from '@nestjs/common';
import { Cacheable, CachePut, CacheType } from '../../src/cache/index.js';
import { useCacheApp, useRedis } from './support/suite.js';

/** A result wrapper like Java's Optional. */
@CacheType({ name: 'optional', version: 1 })
class Optional<T> {
  constructor(readonly value: T | null) {}

  get isPresent(): boolean {
    return this.value !== null;
  }
}

class Entity {
  id = 1;
}

@Injectable()
class ValueService {
  runs = 0;
  returned: unknown;

  @Cacheable({ cache: 'values', key: (name: string) => name })
  get(_name: string, value: unknown): Promise<unknown> {
    this.runs += 1;
    this.returned = value;
    return Promise.resolve(value);
  }

  @CachePut({ cache: 'values', key: (name: string) => name })
  put(_name: string, value: { n: number }): Promise<{ n: number }> {
    return Promise.resolve(value);
  }
}

describe('values of cached methods', () => {
  const app = useCacheApp(useRedis(), { providers: [ValueService] });
  const service = () => app().get(ValueService);
  const stats = () => app().caches.get('values').region.stats;
  beforeEach(() => {
    service().runs = 0;
    stats().reset();
  });

  it('conformance 28: restores the result wrapper of a stored value', async () => {
    const [full, empty] = [new Optional('tea'), new Optional(null)];
    for (const _round of [1, 2]) {
      expect(await service().get('full', full)).toStrictEqual(full);
      expect(await service().get('empty', empty)).toStrictEqual(empty);
    }
    expect(((await service().get('full', null)) as Optional<string>).isPresent).toBe(true);
    expect(service().runs).toBe(2);
  });

  it('are private copies of each caller', async () => {
    const value = { tags: ['a'] };
    const first = (await service().get('copy', value)) as typeof value;
    first.tags.push('mine');
    const second = (await service().get('copy', null)) as typeof value;
    second.tags.push('mine too');
    expect(await service().get('copy', null)).toEqual({ tags: ['a'] });
  });

  it('are stored as they are when the put runs, not as changed later', async () => {
    const value = await service().put('put', { n: 1 });
    value.n = 2;
    expect(await service().get('put', null)).toEqual({ n: 1 });
  });

  it('evict the previous entry when they are put but cannot be stored', async () => {
    await service().put('changed', { n: 1 });
    await service().put('changed', Object.assign(new Entity(), { n: 2 }));
    expect(await app().caches.get('values').get('changed')).toBeUndefined();
  });
});
