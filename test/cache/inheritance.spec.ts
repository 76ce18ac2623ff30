import { Cacheable, CacheConfig, Caching, type CacheCall } from '../../src/cache/index.js';
import { withCacheApp, type CacheApp, type CacheAppOptions } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const random = () => Promise.resolve(Math.random());

describe('operations of subclasses', () => {
  const redis = useRedis();

  const withApp = <T>(options: Omit<CacheAppOptions, 'redisUrl'>, work: (app: CacheApp) => Promise<T>) =>
    withCacheApp({ redisUrl: redis.server.url, ...options }, work);

  @CacheConfig({ cache: 'of-base' })
  class Base {
    @Cacheable({ key: (id: number) => id })
    get(_id: number): Promise<number> {
      return random();
    }

    @Cacheable({ key: (id: number) => id })
    overridden(_id: number): Promise<number> {
      return random();
    }
  }

  it('conformance 53: uses the configuration of the nearest class', async () => {
    @CacheConfig({ cache: 'of-subclass' })
    class Subclass extends Base {}
    await withApp({ providers: [Subclass] }, async (app) => {
      const value = await app.get(Subclass).get(1);
      expect(await app.caches.get('of-subclass').get(1)).toEqual({ value });
    });
  });

  it('conformance 25: applies the decorators of a base class to inherited methods', async () => {
    class Subclass extends Base {}
    await withApp({ providers: [Subclass] }, async (app) => {
      const service = app.get(Subclass);
      const [one, other] = [await service.get(1), await service.overridden(2)];
      expect([await service.get(1), await service.overridden(2)]).toEqual([one, other]);
    });
  });

  it('rejects an undecorated override of a decorated method', async () => {
    class Subclass extends Base {
      override overridden(id: number): Promise<number> {
        return Promise.resolve(id * Math.random());
      }
    }
    await expect(withApp({ providers: [Subclass] }, () => Promise.resolve())).rejects.toThrow(
      'Subclass.overridden overrides a method with cache decorators and has none; repeat them on it, or write ' +
        '@Caching({}) if it is to have no operations',
    );
  });

  it('accepts an override that declares it has no operations', async () => {
    class Subclass extends Base {
      @Caching({})
      override overridden(id: number): Promise<number> {
        return super.overridden(id);
      }
    }
    await withApp({ providers: [Subclass] }, async (app) => {
      expect(await app.get(Subclass).overridden(1)).not.toBe(await app.get(Subclass).overridden(1));
    });
  });

  it('conformance 54: uses the configuration of the base class', async () => {
    class Subclass extends Base {}
    await withApp({ providers: [Subclass] }, async (app) => {
      const value = await app.get(Subclass).get(1);
      expect(await app.caches.get('of-base').get(1)).toEqual({ value });
    });
  });

  it('conformance 55: replaces the operations of the base class by those of an overriding method', async () => {
    class Subclass extends Base {
      @Cacheable({ cache: 'own', key: (id: number) => id })
      override get(_id: number): Promise<number> {
        return random();
      }
    }
    await withApp({ providers: [Subclass] }, async (app) => {
      const value = await app.get(Subclass).get(1);
      expect(await app.caches.get('own').get(1)).toEqual({ value });
      expect(await app.caches.get('of-base').get(1)).toBeUndefined();
    });
  });

  it('conformance 26: separates the keys of two subclasses of one generic base class', async () => {
    abstract class Repository {
      abstract readonly kind: string;

      @Cacheable({
        cache: 'entities',
        key(this: CacheCall<string, Repository>, id: number) {
          return [this.targetClass.name, id];
        },
      })
      find(id: number): Promise<string> {
        return Promise.resolve(`${this.kind} ${id}`);
      }
    }
    class Shops extends Repository {
      readonly kind = 'shop';
    }
    class Cafes extends Repository {
      readonly kind = 'café';
    }
    await withApp({ providers: [Shops, Cafes] }, async (app) => {
      for (const _round of [1, 2]) {
        expect([await app.get(Shops).find(1), await app.get(Cafes).find(1)]).toEqual(['shop 1', 'café 1']);
      }
    });
  });
});
