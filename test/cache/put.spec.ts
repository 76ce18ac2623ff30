import { Injectable } from '@nestjs/common';
import { Cacheable, CacheConfig, CachePut, type CacheCall } from '../../src/cache/index.js';
import { namings, useCacheApp, useRedis, type Naming } from './support/suite.js';

interface Item {
  id: number;
}

function createService({ on, config }: Naming) {
  @Injectable()
  @CacheConfig(config)
  class PuttingService {
    runs = 0;

    @Cacheable({ ...on })
    cache(_key: number): Promise<number> {
      return this.next();
    }

    @CachePut({ ...on })
    update(_key: number): Promise<number> {
      return this.next();
    }

    @CachePut({ ...on, condition: (key: number) => key === 3 })
    conditionalUpdate(_key: number): Promise<number> {
      return this.next();
    }

    @CachePut({
      ...on,
      key(this: CacheCall<Item>) {
        return this.result.id;
      },
    })
    putRefersToResult(item: Item): Promise<Item> {
      return Promise.resolve(Object.assign(item, { id: 42 }));
    }

    @CachePut({
      ...on,
      key(this: CacheCall<Item | null>) {
        return (this.result as Item).id;
      },
      unless: (result: Item | null) => result === null,
    })
    unlessBeforeKey(item: Item | null): Promise<Item | null> {
      return Promise.resolve(item && Object.assign(item, { id: 43 }));
    }

    @Cacheable({ ...on, condition: (forced: boolean) => !forced, key: () => 'exclusive' })
    @CachePut({ ...on, condition: (forced: boolean) => forced, key: () => 'exclusive' })
    exclusive(_forced: boolean): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, key: (id: number) => ['cacheable', id] })
    @CachePut({
      ...on,
      key(this: CacheCall<number>) {
        return ['put', this.result];
      },
    })
    both(_id: number): Promise<number> {
      return this.next();
    }

    private next(): Promise<number> {
      this.runs += 1;
      return Promise.resolve(this.runs);
    }
  }
  return PuttingService;
}

describe.each(namings)('@CachePut, cache $naming', (naming) => {
  const Service = createService(naming);
  const app = useCacheApp(useRedis(), { providers: [Service] });
  const service = () => app().get(Service);
  const cached = (key: unknown) => app().caches.get('test').get(key);

  it('conformance 37: always runs the method and stores its result', async () => {
    const [first, second] = [await service().update(1), await service().update(1)];
    expect(second).not.toBe(first);
    expect(await service().cache(1)).toBe(second);
  });

  it('conformance 38: stores only when the condition holds', async () => {
    const [one, three] = [await service().conditionalUpdate(1), await service().conditionalUpdate(3)];
    expect(await cached(1)).toBeUndefined();
    expect(await cached(3)).toEqual({ value: three });
    expect(one).not.toBe(three);
  });

  it('conformance 39: computes the key from what the method set on the result', async () => {
    await service().putRefersToResult({ id: 1 });
    expect(await cached(42)).toEqual({ value: { id: 42 } });
    expect(await cached(1)).toBeUndefined();
  });

  it('conformance 40: evaluates unless before the key', async () => {
    await expect(service().unlessBeforeKey(null)).resolves.toBeNull();
    expect(await cached(43)).toBeUndefined();
  });

  it('conformance 41: stores a result that unless accepts under the key of the result', async () => {
    await service().unlessBeforeKey({ id: 1 });
    expect(await cached(43)).toEqual({ value: { id: 43 } });
  });

  it('conformance 42: runs the method again when forced and hits otherwise', async () => {
    const first = await service().exclusive(false);
    expect(await service().exclusive(false)).toBe(first);
    const forced = await service().exclusive(true);
    expect(forced).not.toBe(first);
    expect(await service().exclusive(false)).toBe(forced);
  });

  it('conformance 43: always runs the method beside a put and fills the looked-up entry only on a miss', async () => {
    const [first, second] = [await service().both(1), await service().both(1)];
    expect(second).not.toBe(first);
    expect(await cached(['cacheable', 1])).toEqual({ value: first });
    expect(await cached(['put', first])).toEqual({ value: first });
    expect(await cached(['put', second])).toEqual({ value: second });
  });
});
