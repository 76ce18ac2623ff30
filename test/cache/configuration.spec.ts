import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Cacheable, CacheConfig, CacheEvict, CacheManager, CachePut, Caching } from '../../src/cache/index.js';
import type { CacheCall, CacheDecorator, CacheResolver, KeyGenerator } from '../../src/cache/index.js';
import { CacheAspect } from '../../src/cache/explorer/cache-aspect.js';
import { OperationCompiler } from '../../src/cache/explorer/operation-compiler.js';
import { withCacheApp, type CacheApp, type CacheAppOptions } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const random = () => Promise.resolve(Math.random());

@Injectable()
class ConstantKey implements KeyGenerator {
  generate(): unknown {
    return 'constant';
  }
}

@Injectable()
class ByFirstArgument implements CacheResolver {
  constructor(private readonly caches: CacheManager) {}

  resolve(call: CacheCall) {
    const [name] = call.args as [string | null];
    return name === null ? (null as never) : [this.caches.get(name)];
  }
}

const other = {
  provide: 'other',
  inject: [CacheManager],
  useFactory: (caches: CacheManager) => caches.derive({ prefix: 'other' }),
};

describe('the configuration of operations', () => {
  const redis = useRedis();

  const withApp = <T>(options: Omit<CacheAppOptions, 'redisUrl'>, work: (app: CacheApp) => Promise<T>) =>
    withCacheApp({ redisUrl: redis.server.url, ...options }, work);

  it('19 keeps the entries of an own cache manager apart', async () => {
    class Service {
      @Cacheable({ cache: 'same', key: (id: number) => id })
      usual(_id: number): Promise<number> {
        return random();
      }

      @Cacheable({ cache: 'same', key: (id: number) => id, cacheManager: 'other' })
      apart(_id: number): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, other] }, async (app) => {
      const service = app.get(Service);
      const [usual, apart] = [await service.usual(1), await service.apart(1)];
      expect(apart).not.toBe(usual);
      expect([await service.usual(1), await service.apart(1)]).toEqual([usual, apart]);
      expect(await app.get<CacheManager>('other').get('same').get(1)).toEqual({ value: apart });
    });
  });

  it('23 evaluates a condition that asks another provider at every call', async () => {
    class Switch {
      on = false;
    }
    @Injectable()
    class Service {
      constructor(readonly flag: Switch) {}

      @Cacheable({
        cache: 'test',
        condition(this: CacheCall<number, Service>) {
          return this.target.flag.on;
        },
      })
      get(): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, Switch] }, async (app) => {
      const service = app.get(Service);
      expect(await service.get()).not.toBe(await service.get());
      service.flag.on = true;
      expect(await service.get()).toBe(await service.get());
    });
  });

  it('51 lets operations inherit what the class says, and their own word wins', async () => {
    @CacheConfig({ cache: 'of-class', keyGenerator: ConstantKey, cacheManager: 'other' })
    class Service {
      @Cacheable({})
      inherits(_id: number): Promise<number> {
        return random();
      }

      @Cacheable({ cache: 'own', key: (id: number) => id, cacheManager: CacheManager })
      says(_id: number): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, ConstantKey, other] }, async (app) => {
      const service = app.get(Service);
      const [inherited, own] = [await service.inherits(1), await service.says(1)];
      expect(await app.get<CacheManager>('other').get('of-class').get('constant')).toEqual({ value: inherited });
      expect(await app.caches.get('own').get(1)).toEqual({ value: own });
    });
  });

  it('52 lets a manager on the method cancel the resolver of the class, and the reverse', async () => {
    @CacheConfig({ cacheResolver: ByFirstArgument })
    class Resolved {
      @Cacheable({ cache: 'managed', cacheManager: 'other' })
      get(_name: string): Promise<number> {
        return random();
      }
    }
    @CacheConfig({ cache: 'managed', cacheManager: 'other' })
    class Managed {
      @Cacheable({ cacheResolver: ByFirstArgument })
      get(_name: string): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Resolved, Managed, ByFirstArgument, other] }, async (app) => {
      const [managed, resolved] = [await app.get(Resolved).get('chosen'), await app.get(Managed).get('chosen')];
      expect(await app.get<CacheManager>('other').get('managed').get('chosen')).toEqual({ value: managed });
      expect(await app.caches.get('chosen').get('chosen')).toEqual({ value: resolved });
    });
  });

  it('56 takes decorators composed of others, in order', async () => {
    const Slow = <A extends unknown[]>(key: (...args: A) => unknown) => Cacheable({ cache: 'slow', ttl: '1d', key });
    const PlaceChange: CacheDecorator<object> = Caching({ evict: [{ cache: 'slow', allEntries: true }] });
    class Service {
      @Slow((id: number) => id)
      get(_id: number): Promise<number> {
        return random();
      }

      @PlaceChange
      @CacheEvict({ cache: 'other', allEntries: true })
      change(): Promise<void> {
        return Promise.resolve();
      }
    }
    await withApp({ providers: [Service] }, async (app) => {
      const value = await app.get(Service).get(1);
      await app.caches.get('other').put(1, 1);
      await app.get(Service).change();
      expect(await app.get(Service).get(1)).not.toBe(value);
      expect(await app.caches.get('other').get(1)).toBeUndefined();
    });
  });

  it('57 takes an empty Caching for no operation', async () => {
    class Service {
      @Caching({})
      get(): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service] }, async (app) => {
      expect(await app.get(Service).get()).not.toBe(await app.get(Service).get());
    });
  });

  it('60 needs no cache name when a resolver chooses the caches', async () => {
    class Service {
      @Cacheable({ cacheResolver: ByFirstArgument })
      get(_name: string): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, ByFirstArgument] }, async (app) => {
      const value = await app.get(Service).get('chosen');
      expect(await app.caches.get('chosen').get('chosen')).toEqual({ value });
    });
  });

  it('61 names the method whose resolver gives no cache', async () => {
    class Service {
      @Cacheable({ cacheResolver: ByFirstArgument })
      get(_name: null): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, ByFirstArgument] }, async (app) => {
      const call = app.get(Service).get(null);
      await expect(call).rejects.toThrow('@Cacheable of Service.get: its cache resolver gave no cache');
    });
  });

  it('62 resolves by argument at each call, and finds resolvers by name', async () => {
    class Service {
      @CachePut({ cacheResolver: 'by-name', key: () => 'key' })
      put(name: string): Promise<string> {
        return Promise.resolve(`into ${name}`);
      }
    }
    const byName = { provide: 'by-name', useExisting: ByFirstArgument };
    await withApp({ providers: [Service, ByFirstArgument, byName] }, async (app) => {
      await app.get(Service).put('one');
      await app.get(Service).put('two');
      expect(await app.caches.get('one').get('key')).toEqual({ value: 'into one' });
      expect(await app.caches.get('two').get('key')).toEqual({ value: 'into two' });
    });
  });

  it('64 uses the resolver when the application sets a manager and a resolver', async () => {
    class Service {
      @Cacheable({ cache: 'managed' })
      get(_name: string): Promise<number> {
        return random();
      }
    }
    const settings = { cacheManager: 'other', cacheResolver: ByFirstArgument };
    await withApp({ providers: [Service, ByFirstArgument, other], settings }, async (app) => {
      const value = await app.get(Service).get('chosen');
      expect(await app.caches.get('chosen').get('chosen')).toEqual({ value });
    });
  });

  it('65 calls every decorated method through one aspect, and another may stand in its stead', async () => {
    class Service {
      @Cacheable({ cache: 'test' })
      get(): Promise<number> {
        return Promise.reject(new Error('of the method'));
      }
    }
    class Translating extends CacheAspect {
      override invoke(...call: Parameters<CacheAspect['invoke']>): Promise<unknown> {
        return super.invoke(...call).catch((cause: unknown) => Promise.reject(new Error('translated', { cause })));
      }
    }
    const overrides = [{ token: CacheAspect, value: new Translating() }];
    await withApp({ providers: [Service], overrides }, async (app) => {
      await expect(app.get(Service).get()).rejects.toThrow('translated');
    });
  });

  it('compiles the operations of a class that moduleRef.create() instantiates once', async () => {
    class Made {
      @Cacheable({ cache: 'test', key: (id: number) => id })
      get(_id: number): Promise<number> {
        return random();
      }
    }
    await withApp({}, async (app) => {
      const compile = jest.spyOn(OperationCompiler.prototype, 'compile');
      for (const id of [1, 2]) {
        const made = await app.module.get(ModuleRef).create(Made);
        expect(await made.get(id)).toBe(await made.get(id));
      }
      expect(compile).toHaveBeenCalledTimes(1);
      compile.mockRestore();
    });
  });

  it('27 lets a class in two applications use the cache manager of each', async () => {
    class Service {
      @Cacheable({ cache: 'test' })
      get(): Promise<number> {
        return random();
      }
    }
    const value = await withApp({ providers: [Service] }, (app) => app.get(Service).get());
    const options = { providers: [Service], settings: { prefix: 'second' } };
    await withApp(options, (second) =>
      withApp({ providers: [Service] }, async (first) => {
        expect(await second.get(Service).get()).not.toBe(value);
        expect(await first.get(Service).get()).toBe(value);
        expect([first.caches.stats()['test']?.hits, second.caches.stats()['test']?.hits]).toEqual([1, 0]);
      }),
    );
  });
});
