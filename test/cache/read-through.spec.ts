import { Injectable } from '@nestjs/common';
import { Cacheable, CacheConfig, type CacheCall, type KeyGenerator } from '../../src/cache/index.js';
import { namings, useCacheApp, useRedis, type Naming } from './support/suite.js';

class CheckedError extends Error {}

/** A key generator that uses only the name of the method. */
@Injectable()
class NameOfMethod implements KeyGenerator {
  generate(call: CacheCall): unknown {
    return call.method;
  }
}

function createService({ on, config }: Naming) {
  @CacheConfig(config)
  class CounterService {
    private counter = 0;

    @Cacheable({ ...on })
    cache(_arg: unknown): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on })
    cacheNull(_arg: unknown): Promise<null> {
      this.counter += 1;
      return Promise.resolve(null);
    }

    @Cacheable({ ...on, sync: true })
    cacheSync(_arg: unknown): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, sync: true })
    cacheSyncNull(_arg: unknown): Promise<null> {
      return this.cacheNull(NaN);
    }

    @Cacheable({ ...on })
    varArgs(..._args: number[]): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, key: (first: number) => first })
    byFirst(_first: number, _second: string): Promise<number> {
      return this.next();
    }

    @Cacheable({
      ...on,
      key(this: CacheCall) {
        return this.method;
      },
    })
    byName(_arg: number): Promise<number> {
      return this.next();
    }

    @Cacheable({
      ...on,
      key(this: CacheCall<number, CounterService>, arg: number) {
        return [this.target.label, this.targetClass.name, this.method, this.caches, this.args, arg];
      },
    })
    byRootVariables(_arg: number): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, condition: (arg: number) => arg === 3 })
    conditional(_arg: number): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, sync: true, condition: (arg: number) => arg === 3 })
    conditionalSync(_arg: number): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, unless: (result: number) => result > 10 })
    unlessAboveTen(arg: number): Promise<number> {
      this.counter += 1;
      return Promise.resolve(arg);
    }

    @Cacheable({ ...on, keyGenerator: NameOfMethod })
    byGenerator(_arg: number): Promise<number> {
      return this.next();
    }

    @Cacheable({ ...on, key: ({ message }: Error) => message })
    fail(error: Error): Promise<number> {
      this.counter += 1;
      return Promise.reject(error);
    }

    @Cacheable({ ...on, key: ({ message }: Error) => message, sync: true })
    failSync(error: Error): Promise<number> {
      return this.fail(error);
    }

    @Cacheable({ ...on, key: (box: { id: number }) => box.id })
    changesItsArgument(box: { id: number }): Promise<number> {
      box.id += 1;
      return this.next();
    }

    label = 'a counter';

    get runs(): number {
      return this.counter;
    }

    reset(): void {
      this.counter = 0;
    }

    private next(): Promise<number> {
      this.counter += 1;
      return Promise.resolve(Math.random());
    }
  }
  return CounterService;
}

describe.each(namings)('@Cacheable, cache $naming', (naming) => {
  const Service = createService(naming);
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Service, NameOfMethod] });
  const service = () => app().get(Service);
  beforeEach(() => service().reset());

  it.each([
    ['1: returns the first value on later calls and runs the method once', 'cache'],
    ['4: returns the first value on later calls with sync and runs the method once', 'cacheSync'],
  ] as const)('conformance %s', async (_behaviour, method) => {
    const first = await service()[method](1);
    expect([await service()[method](1), await service()[method](1)]).toEqual([first, first]);
    expect(service().runs).toBe(1);
  });

  it('conformance 2: stores another entry for another argument', async () => {
    expect(await service().cache(1)).not.toBe(await service().cache(2));
  });

  it.each([
    ['3: caches a null result and does not run the method again', 'cacheNull'],
    ['5: caches a null result with sync and does not run the method again', 'cacheSyncNull'],
  ] as const)('conformance %s', async (_behaviour, method) => {
    expect([await service()[method](1), await service()[method](1)]).toEqual([null, null]);
    expect(service().runs).toBe(1);
  });

  it('conformance 6: accepts null as an argument like any other value', async () => {
    const value = await service().cache(null);
    expect(await service().cache(null)).toBe(value);
    expect(await service().cache(0)).not.toBe(value);
  });

  it('conformance 7: spreads variable arguments into the key', async () => {
    const value = await service().varArgs(1, 2, 3);
    expect(await service().varArgs(1, 2, 3)).toBe(value);
    expect(await service().varArgs(1, 2)).not.toBe(value);
  });

  it('conformance 8: builds a usable key from primitive variable arguments', async () => {
    expect(await service().varArgs(-0, NaN)).toBe(await service().varArgs(-0, NaN));
    expect(await service().varArgs(0, NaN)).not.toBe(await service().varArgs(-0, NaN));
  });

  it('conformance 9: ignores the arguments that the key function does not use', async () => {
    const value = await service().byFirst(1, 'one');
    expect(await service().byFirst(1, 'other')).toBe(value);
    expect(await service().byFirst(2, 'one')).not.toBe(value);
  });

  it('conformance 10: accepts the name of the method as the key', async () => {
    const value = await service().byName(1);
    expect(await service().byName(2)).toBe(value);
    expect(await app().caches.get('test').get('byName')).toEqual({ value });
  });

  it('conformance 11: gives the key function target, class, method, caches and arguments', async () => {
    const value = await service().byRootVariables(7);
    const key = ['a counter', 'CounterService', 'byRootVariables', ['test'], [7], 7];
    expect(await app().caches.get('test').get(key)).toEqual({ value });
  });

  it.each([
    ['12: neither reads nor writes the cache unless the condition holds', 'conditional'],
    ['13: neither reads nor writes the cache with sync unless the condition holds', 'conditionalSync'],
  ] as const)('conformance %s', async (_behaviour, method) => {
    expect(await service()[method](4)).not.toBe(await service()[method](4));
    const value = await service()[method](3);
    expect(await service()[method](3)).toBe(value);
  });

  it('conformance 14: does not query the store when the condition does not hold', async () => {
    await redis.client.config('RESETSTAT');
    await service().conditional(4);
    expect(await calls('evalsha')).toBe(0);
  });

  it('conformance 15: queries the store exactly once for a hit', async () => {
    await service().cache(1);
    await redis.client.config('RESETSTAT');
    await service().cache(1);
    expect(await calls('evalsha')).toBe(1);
  });

  it('conformance 16: does not store a result that unless vetoes', async () => {
    for (const arg of [10, 10, 11, 11]) await service().unlessAboveTen(arg);
    expect(service().runs).toBe(3);
  });

  it("conformance 17: uses the operation's own key generator", async () => {
    const value = await service().byGenerator(1);
    expect(await service().byGenerator(2)).toBe(value);
    expect(await app().caches.get('test').get('byGenerator')).toEqual({ value });
  });

  it.each([
    ['21: passes a checked error on unchanged and stores nothing', new CheckedError('checked')],
    ['22: passes an unchecked error on unchanged and stores nothing', new TypeError('unchecked')],
  ])('conformance %s', async (_behaviour, error) => {
    for (const method of ['fail', 'fail', 'failSync', 'failSync'] as const) {
      await expect(service()[method](error)).rejects.toBe(error);
    }
    expect(service().runs).toBe(4);
  });

  it('conformance 24: computes the key before the method can change an argument', async () => {
    const value = await service().changesItsArgument({ id: 5 });
    expect(await service().changesItsArgument({ id: 5 })).toBe(value);
    expect(service().runs).toBe(1);
  });

  async function calls(command: string): Promise<number> {
    const stats = await redis.client.info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }
});
