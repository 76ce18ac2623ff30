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

describe('configuration of operations', () => {
  const redis = useRedis();

  const withApp = <T>(options: Omit<CacheAppOptions, 'redisUrl'>, work: (app: CacheApp) => Promise<T>) =>
    withCacheApp({ redisUrl: redis.server.url, ...options }, work);

  it("conformance 19: isolates the entries of an operation's own cache manager", async () => {
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

  it('conformance 23: evaluates on every call a condition that uses another provider', async () => {
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

  it("conformance 51: inherits the defaults of the class, and the method's own values win", async () => {
    @CacheConfig({ cache: 'of-class', keyGenerator: ConstantKey, cacheManager: 'other' })
    class Service {
      @Cacheable({})
      inherits(_id: number): Promise<number> {
        return random();
      }

      @Cacheable({ cache: 'own', key: (id: number) => id, cacheManager: CacheManager })
      declares(_id: number): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, ConstantKey, other] }, async (app) => {
      const service = app.get(Service);
      const [inherited, own] = [await service.inherits(1), await service.declares(1)];
      expect(await app.get<CacheManager>('other').get('of-class').get('constant')).toEqual({ value: inherited });
      expect(await app.caches.get('own').get(1)).toEqual({ value: own });
    });
  });

  it('conformance 52: lets a manager on the method replace the resolver of the class, and the reverse', async () => {
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

  it('conformance 56: applies decorators composed of others in order', async () => {
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

  it('conformance 57: treats an empty @Caching as no operation', async () => {
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

  it('conformance 60: needs no cache name if a resolver supplies the caches', async () => {
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

  it('conformance 61: rejects a call whose resolver returns no cache, naming the method', async () => {
    class Service {
      @Cacheable({ cacheResolver: ByFirstArgument })
      get(_name: null): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Service, ByFirstArgument] }, async (app) => {
      const call = app.get(Service).get(null);
      await expect(call).rejects.toThrow('@Cacheable of Service.get: its cache resolver returned no cache');
    });
  });

  it('conformance 62: resolves caches by argument on each call, and finds resolvers by name', async () => {
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

  it('conformance 64: uses the resolver if the application sets both a manager and a resolver', async () => {
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

  it('conformance 65: routes every decorated method through one replaceable aspect', async () => {
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

  it('compiles the operations of a class once that moduleRef.create() instantiates', async () => {
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

  it('conformance 27: binds a cached class to the cache manager of each application that uses it', async () => {
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
