import { Cacheable, CacheConfig, CacheEvict, CacheManager, CacheModule, Caching } from '../../src/cache/index.js';
import type { CacheResolver } from '../../src/cache/index.js';
import { createCacheApp, type CacheAppOptions } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const redis = useRedis();

/** The error by which the start of an application with these providers fails. */
async function refusalOf(options: Omit<CacheAppOptions, 'redisUrl'>): Promise<string> {
  const start = createCacheApp({ redisUrl: redis.server.url, ...options });
  return start.then(
    async (app) => {
      await app.close();
      return 'it starts';
    },
    (error: unknown) => String(error),
  );
}

/** The start error for a method with these options, untyped as in JavaScript. */
function refusalOfCacheable(...options: object[]): Promise<string> {
  class Service {
    @Caching({ cacheable: options })
    get(_id: number): Promise<number> {
      return Promise.resolve(1);
    }
  }
  return refusalOf({ providers: [Service] });
}

function refusalOfEvict(options: object): Promise<string> {
  class Service {
    @CacheEvict(options)
    change(_id: number): Promise<number> {
      return Promise.resolve(1);
    }
  }
  return refusalOf({ providers: [Service] });
}

describe('validation of operations at start', () => {
  it('conformance 18: rejects an unknown key generator, naming it', async () => {
    const refusal = await refusalOfCacheable({ cache: 'a', keyGenerator: 'nowhere' });
    expect(refusal).toMatch('@Cacheable of Service.get names key generator nowhere, which no module provides; add it');
  });

  it('conformance 20: rejects an unknown cache manager, naming it', async () => {
    const refusal = await refusalOfCacheable({ cache: 'a', cacheManager: 'nowhere' });
    expect(refusal).toMatch('@Cacheable of Service.get names cache manager nowhere, which no module provides; add it');
  });

  it('conformance 58: rejects a key beside a key generator', async () => {
    expect(await refusalOfCacheable({ cache: 'a', key: () => 1, keyGenerator: 'x' })).toMatch(
      '@Cacheable of Service.get has both key and keyGenerator; keep one of them',
    );
  });

  it('conformance 59: rejects a cache manager beside a cache resolver', async () => {
    expect(await refusalOfCacheable({ cache: 'a', cacheManager: 'x', cacheResolver: 'y' })).toMatch(
      '@Cacheable of Service.get has both cacheManager and cacheResolver; keep one of them',
    );
  });

  it('rejects an operation with neither a cache name nor a resolver', async () => {
    const refusal = 'names no cache; give it or its @CacheConfig a cache or a cacheResolver';
    expect(await refusalOfCacheable({})).toMatch(refusal);
    expect(await refusalOfCacheable({ cache: [] })).toMatch(refusal);
  });

  it('rejects an unknown cache resolver', async () => {
    const refusal = await refusalOfCacheable({ cacheResolver: 'nowhere' });
    expect(refusal).toMatch('names cache resolver nowhere, which no module provides; add it');
  });

  describe('conformance 63: rejects a missing or ambiguous cache manager', () => {
    it('an unknown one of the application', async () => {
      class Service {
        @Cacheable({ cache: 'a' })
        get(): Promise<number> {
          return Promise.resolve(1);
        }
      }
      const refusal = await refusalOf({ providers: [Service], settings: { cacheManager: 'absent' } });
      expect(refusal).toMatch('names cache manager absent, which no module provides; add it to the providers of one');
    });

    it('two cache modules, naming the settings of both', async () => {
      const refusal = await refusalOf({
        imports: [CacheModule.forRoot({ prefix: 'two' })],
        settings: { prefix: 'one' },
      });
      expect(refusal).toMatch('CacheModule is imported 2 times, with settings {"prefix":"one"} and {"prefix":"two"}');
    });
  });

  describe('conformance 66: rejects what sync cannot be combined with', () => {
    it('unless', async () => {
      const refusal = await refusalOfCacheable({ cache: 'a', sync: true, unless: () => false });
      expect(refusal).toMatch('@Cacheable of Service.get has both sync and unless; remove one of them');
    });

    it('several caches', async () => {
      const refusal = await refusalOfCacheable({ cache: ['a', 'b'], sync: true });
      expect(refusal).toMatch('@Cacheable of Service.get is sync with several caches; name one');
    });

    it('a resolver that returns several caches, at the call', async () => {
      const resolver: CacheResolver = { resolve: () => [] };
      class Service {
        @Cacheable({ cacheResolver: 'several', sync: true })
        get(): Promise<number> {
          return Promise.resolve(1);
        }
      }
      const providers = [Service, { provide: 'several', useValue: resolver }];
      const app = await createCacheApp({ redisUrl: redis.server.url, providers });
      const caches = app.get(CacheManager);
      resolver.resolve = () => [caches.get('a'), caches.get('b')];
      await expect(app.get(Service).get()).rejects.toThrow('sync needs exactly one cache, its resolver returned 2');
      await app.close();
    });

    it('another operation', async () => {
      class Service {
        @Cacheable({ cache: 'a', sync: true })
        @CacheEvict({ cache: 'b' })
        get(): Promise<number> {
          return Promise.resolve(1);
        }
      }
      const refusal = await refusalOf({ providers: [Service] });
      expect(refusal).toMatch('Service.get combines a sync operation with others; keep only one');
    });

    it('a second sync operation', async () => {
      const refusal = await refusalOfCacheable({ cache: 'a', sync: true }, { cache: 'b', sync: true });
      expect(refusal).toMatch('Service.get has two sync operations; keep one');
    });
  });

  it('rejects an invalid duration of staleIfError', async () => {
    for (const staleIfError of [0, NaN, '30']) {
      expect(await refusalOfCacheable({ cache: 'a', staleIfError })).toMatch(/staleIfError is .*; it must be/);
    }
  });

  it.each(['', 'a}b', '{a', 'a b', 'a/b', 'a\n', '카페', 'x'.repeat(101)])(
    'rejects %p as a cache name',
    async (cache) => {
      const refusal = await refusalOfCacheable({ cache });
      expect(refusal).toMatch('is no usable name; use 1 to 100 letters, digits or _ . : -');
    },
  );

  it('rejects a cache that is not declared', async () => {
    class Service {
      @Cacheable({ cache: 'plcaes' })
      get(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    const refusal = await refusalOf({ providers: [Service], settings: { caches: ['place', 'places'] } });
    expect(refusal).toMatch('names cache "plcaes", which is not one of this cache manager\'s: place, places');
  });

  it('rejects an unknown option', async () => {
    const refusal = await refusalOfCacheable({ cache: 'a', tttl: '1m' });
    expect(refusal).toMatch("has an unknown option 'tttl'; known are cache, key");
    expect(await refusalOfEvict({ cache: 'a', ttl: '1m' })).toMatch("has an unknown option 'ttl'");
  });

  it('rejects an eviction of both a key and all entries', async () => {
    const beside = 'has a key beside allEntries or tags; write one @CacheEvict for each';
    expect(await refusalOfEvict({ cache: 'a', key: () => 1, allEntries: true })).toMatch(beside);
    expect(await refusalOfEvict({ cache: 'a', key: () => 1, tags: () => [] })).toMatch(beside);
    const both = 'has both allEntries and tags';
    expect(await refusalOfEvict({ cache: 'a', allEntries: true, tags: () => [] })).toMatch(both);
  });

  it('rejects a result that is stored both per user and for all', async () => {
    const refusal = await refusalOfCacheable({ cache: 'a' }, { cache: 'b', scope: 'user' });
    expect(refusal).toMatch("stores one result with scope 'user' and 'public'; keep one of them");
    const unknown = await refusalOfCacheable({ cache: 'a', scope: 'tenant' });
    expect(unknown).toMatch("has a scope other than 'public' or 'user'");
  });

  it('rejects a static method, which belongs to no provider', () => {
    expect(() => {
      class Service {
        @Cacheable({ cache: 'a' })
        static get(): Promise<number> {
          return Promise.resolve(1);
        }

        readonly notOnlyStatic = true;
      }
      return Service;
    }).toThrow('Service.get is static; only methods of providers can be cached');
  });

  it('reports every problem of the application at once', async () => {
    @CacheConfig({ cacheManager: 'nowhere' })
    class Service {
      @Cacheable({ cache: 'a', ttl: 0 })
      one(): Promise<number> {
        return Promise.resolve(1);
      }

      @Cacheable({ cache: 'a' })
      two(): Promise<number> {
        return Promise.resolve(2);
      }
    }
    const refusal = await refusalOf({ providers: [Service] });
    expect(refusal).toMatch('@Cacheable of Service.one ttl is 0');
    expect(refusal).toMatch('@Cacheable of Service.two names cache manager nowhere');
  });
});

