import { Global, Inject, Injectable, Module, Scope, forwardRef } from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader } from '@nestjs/core';
import { Cacheable, CacheEvict, CachePut } from '../../src/cache/index.js';
import { createCacheApp } from './support/cache-app.js';
import { useCacheApp, useRedis } from './support/suite.js';

@Injectable()
class Numbers {
  private last = 0;

  next(): number {
    this.last += 1;
    return this.last;
  }
}

@Injectable()
class Service {
  readonly #secret = 'private';

  constructor(private readonly numbers: Numbers) {}

  @Cacheable({ cache: 'numbers', key: (id: number) => id })
  async get(id: number, _unused = 1, ..._rest: unknown[]): Promise<string> {
    await Promise.resolve();
    return `${this.#secret} ${id} ${this.numbers.next()}`;
  }

  async getTwice(id: number): Promise<string[]> {
    return [await this.get(id), await this.get(id)];
  }

  @CacheEvict({ cache: 'numbers', key: (id: number) => id })
  evict(_id: number): Promise<void> {
    return Promise.resolve();
  }

  async change(id: number): Promise<void> {
    await this.evict(id);
  }
}

describe('a decorated method', () => {
  const app = useCacheApp(useRedis(), { providers: [Service, Numbers] });
  const service = () => app().get(Service);

  it('keeps its private fields and its dependencies, called by reference as well (hole 22)', async () => {
    const { get } = service();
    const value = await get(1);
    expect(value).toMatch(/^private 1 \d+$/);
    expect(await Promise.all([1, 1].map(service().get))).toEqual([value, value]);
  });

  it('is cached and evicts when called through this (hole 23)', async () => {
    const [first, second] = await service().getTwice(1);
    expect(second).toBe(first);
    await service().change(1);
    expect(await service().get(1)).not.toBe(first);
  });

  it('keeps name and length, and does not show among the fields (hole 24)', () => {
    expect([service().get.name, service().get.length]).toEqual(['get', 1]);
    expect(Object.keys(service())).not.toContain('get');
    expect(JSON.stringify(service())).not.toContain('get');
  });

  it('leaves the class as it is for everybody else (hole 24)', async () => {
    const alone = new Service(new Numbers());
    expect(await alone.getTwice(1)).toEqual(['private 1 1', 'private 1 2']);
  });
});

describe('providers of other kinds (hole 24)', () => {
  const redis = useRedis();

  @Injectable({ scope: Scope.REQUEST })
  class OfRequest {
    private readonly made = Math.random();

    @Cacheable({ cache: 'scoped', scope: 'public' })
    get(_id: number): Promise<number> {
      return Promise.resolve(this.made);
    }
  }

  it('share their entries when made anew for each request', async () => {
    const app = await createCacheApp({ redisUrl: redis.server.url, providers: [OfRequest] });
    const [one, other] = await Promise.all([1, 2].map(() => app.module.resolve(OfRequest, ContextIdFactory.create())));
    expect(one).not.toBe(other);
    expect(one).toBeInstanceOf(OfRequest);
    expect(one?.constructor).toBe(OfRequest);
    expect(await one?.get(1)).toBe(await other?.get(1));
    await app.close();
  });

  @Injectable({ scope: Scope.TRANSIENT })
  class Transient extends OfRequest {}

  @Injectable()
  class FirstUser {
    constructor(readonly transient: Transient) {}
  }

  @Injectable()
  class SecondUser {
    constructor(readonly transient: Transient) {}
  }

  it('share their entries when made anew for each user', async () => {
    const providers = [FirstUser, SecondUser, Transient];
    const app = await createCacheApp({ redisUrl: redis.server.url, providers });
    const [first, second] = [app.get(FirstUser).transient, app.get(SecondUser).transient];
    expect(first).not.toBe(second);
    expect(await first.get(1)).toBe(await second.get(1));
    expect(await (await app.module.resolve(Transient)).get(1)).toBe(await first.get(1));
    await app.close();
  });

  it('are cached when factories or values give them, once for all their names', async () => {
    const value = new Service(new Numbers());
    const providers = [
      { provide: 'factory', useFactory: () => new Service(new Numbers()) },
      { provide: 'of-request', scope: Scope.REQUEST, useFactory: () => new OnlyByFactory(new Numbers()) },
      { provide: 'value', useValue: value },
      { provide: 'alias', useExisting: 'value' },
    ];
    const app = await createCacheApp({ redisUrl: redis.server.url, providers });
    const services = [app.get('factory'), await app.module.resolve('of-request'), app.get('alias')] as Service[];
    const values = await Promise.all(services.map((service) => service.get(1)));
    expect(new Set(values).size).toBe(1);
    expect(app.caches.stats()['numbers']).toMatchObject({ puts: 1 });
    await app.close();
  });

  class OnlyByFactory extends Service {}

  @Injectable()
  class Chicken {
    constructor(@Inject(forwardRef(() => Egg)) readonly egg: unknown) {}

    @Cacheable({ cache: 'circular', key: () => 'chicken' })
    lay(): Promise<number> {
      return Promise.resolve(Math.random());
    }
  }

  @Injectable()
  class Egg {
    constructor(@Inject(forwardRef(() => Chicken)) readonly chicken: Chicken) {}
  }

  it('are cached when they need each other', async () => {
    const app = await createCacheApp({ redisUrl: redis.server.url, providers: [Chicken, Egg] });
    const { chicken } = app.get(Egg);
    expect(await chicken.lay()).toBe(await chicken.lay());
    await app.close();
  });

  @Injectable()
  class LazyService {
    @CachePut({ cache: 'lazy', key: () => 'key' })
    put(): Promise<string> {
      return Promise.resolve('lazily');
    }
  }

  @Module({ providers: [LazyService] })
  class LazyModule {}

  it('are cached when their module is loaded lazily', async () => {
    const app = await createCacheApp({ redisUrl: redis.server.url });
    const lazy = await app.module.get(LazyModuleLoader).load(() => LazyModule);
    await lazy.get(LazyService).put();
    expect(await app.caches.get('lazy').get('key')).toEqual({ value: 'lazily' });
    await app.close();
  });

  @Injectable()
  class Hasty {
    calls: string[] = [];

    constructor(private readonly service: Service) {}

    async onModuleInit(): Promise<void> {
      this.calls = await this.service.getTwice(9);
    }
  }

  @Global()
  @Module({ providers: [Service, Numbers], exports: [Service] })
  class ServiceModule {}

  it('are cached already when others start', async () => {
    const imports = [ServiceModule];
    const app = await createCacheApp({ redisUrl: redis.server.url, imports, providers: [Hasty] });
    expect(app.get(Hasty).calls).toHaveLength(2);
    expect(app.caches.stats()['numbers']).toBeDefined();
    await app.close();
  });
});

describe('two classes of one name (hole 15)', () => {
  const redis = useRedis();

  it('share entries only when they name the same cache and key', async () => {
    const [One, Other] = ['one', 'other'].map((cache) => {
      @Injectable()
      class Repository {
        @Cacheable({ cache })
        find(_id: number): Promise<string> {
          return Promise.resolve(cache);
        }
      }
      return Repository;
    });
    if (One === undefined || Other === undefined) throw new Error('there are two');
    const app = await createCacheApp({ redisUrl: redis.server.url, providers: [One, Other] });
    expect([await app.get(One).find(1), await app.get(Other).find(1)]).toEqual(['one', 'other']);
    await app.close();
  });
});
