import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import {
  Controller, Get, Global, Inject, Injectable, Module, Res, Scope, StreamableFile, forwardRef, type Type,
} from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader } from '@nestjs/core';
import { Observable, of } from 'rxjs';
import { Cacheable, CacheEvict, CachePut } from '../../../src/cache/index.js';
import { createCacheApp } from '../support/cache-app.js';
import { useCacheApp, useRedis } from '../support/suite.js';

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

  it('prevents failure mode 22: the decorated method loses `this`', async () => {
    const get = service().get.bind(service());
    const value = await get(1);
    expect(value).toMatch(/^private 1 \d+$/);
    expect(await Promise.all([1, 1].map(get))).toEqual([value, value]);
    expect(await Service.prototype.get.call(service(), 1)).toBe(value);
  });

  it('prevents failure mode 23: a self-invocation bypasses the cache', async () => {
    const [first, second] = await service().getTwice(1);
    expect(second).toBe(first);
    await service().change(1);
    expect(await service().get(1)).not.toBe(first);
  });
});

describe('prevents failure mode 24: request scope, circular dependencies or lazy modules disable the cache', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Service, Numbers] });

  it('keeps name and length of the method', () => {
    expect([app().get(Service).get.name, app().get(Service).get.length]).toEqual(['get', 1]);
    expect(Object.keys(app().get(Service))).not.toContain('get');
    expect(JSON.stringify(app().get(Service))).not.toContain('get');
  });

  it('leaves the class unchanged for other users', async () => {
    const alone = new Service(new Numbers());
    expect(await alone.getTwice(1)).toEqual(['private 1 1', 'private 1 2']);
  });

  @Injectable({ scope: Scope.REQUEST })
  class OfRequest {
    private readonly made = Math.random();

    @Cacheable({ cache: 'scoped', scope: 'public' })
    get(_id: number): Promise<number> {
      return Promise.resolve(this.made);
    }
  }

  it('shares entries between request-scoped instances', async () => {
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

  it('shares entries between durable instances per user', async () => {
    const providers = [FirstUser, SecondUser, Transient];
    const app = await createCacheApp({ redisUrl: redis.server.url, providers });
    const [first, second] = [app.get(FirstUser).transient, app.get(SecondUser).transient];
    expect(first).not.toBe(second);
    expect(await first.get(1)).toBe(await second.get(1));
    expect(await (await app.module.resolve(Transient)).get(1)).toBe(await first.get(1));
    await app.close();
  });

  it('caches providers of factories and values once for all their tokens', async () => {
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

  it('caches providers with circular dependencies', async () => {
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

  it('caches providers of a lazy module', async () => {
    const app = await createCacheApp({ redisUrl: redis.server.url });
    const lazy = await app.module.get(LazyModuleLoader).load(() => LazyModule);
    await lazy.get(LazyService).put();
    expect(await app.caches.get('lazy').get('key')).toEqual({ value: 'lazily' });
    await app.close();
  });

  @Injectable()
  class CallsBeforeStart {
    calls: string[] = [];

    constructor(private readonly service: Service) {}

    async onModuleInit(): Promise<void> {
      this.calls = await this.service.getTwice(9);
    }
  }

  @Global()
  @Module({ providers: [Service, Numbers], exports: [Service] })
  class ServiceModule {}

  it('caches before other providers start', async () => {
    const imports = [ServiceModule];
    const app = await createCacheApp({ redisUrl: redis.server.url, imports, providers: [CallsBeforeStart] });
    expect(app.get(CallsBeforeStart).calls).toHaveLength(2);
    expect(app.caches.stats()['numbers']).toBeDefined();
    await app.close();
  });
});

describe(
  'prevents failure mode 25: a stream, Observable, StreamableFile or @Res() response is cached as garbage',
  () => {
    const redis = useRedis();
    const cached = Cacheable({ cache: 'streams' }) as unknown as MethodDecorator;
    const refusalOf = (controller: Type) =>
      createCacheApp({ redisUrl: redis.server.url, controllers: [controller] }).then(() => 'it starts', String);

    it('rejects such a return type at start', async () => {
      @Controller()
      class Streams {
        @cached
        watch(): Observable<number> {
          return of(1);
        }

        @cached
        file(): StreamableFile {
          return new StreamableFile(Buffer.from('file'));
        }

        @cached
        read(): Readable {
          return Readable.from(['text']);
        }

        @Get('response')
        @cached
        respond(@Res() _response: unknown): Promise<void> {
          return Promise.resolve();
        }
      }
      const refusal = await refusalOf(Streams);
      const hint = 'only methods that return a Promise can be cached';
      expect(refusal).toMatch(`Streams.watch returns Observable; ${hint}`);
      expect(refusal).toMatch(`Streams.file returns StreamableFile; ${hint}`);
      expect(refusal).toMatch(`Streams.read returns Readable; ${hint}`);
      expect(refusal).toMatch('Streams.respond takes @Res() or @Next(), whose output is not cached; return');
    });

    it('returns such a value unchanged and never stores it', async () => {
      @Injectable()
      class Streams {
        @Cacheable({ cache: 'streams', key: (name: string) => name })
        get(_name: string, value: unknown): Promise<unknown> {
          return Promise.resolve(value);
        }
      }
      const app = await createCacheApp({ redisUrl: redis.server.url, providers: [Streams] });
      const streams = [of(1), Readable.from(['a']), new StreamableFile(Buffer.from('a')), new ReadableStream()];
      for (const stream of streams) {
        for (const value of [stream, { of: [stream] }]) {
          for (const _round of [1, 2]) expect(await app.get(Streams).get('stream', value)).toBe(value);
        }
      }
      expect(app.caches.stats()['streams']).toMatchObject({ puts: 0, uncacheable: 16 });
      await app.close();
    });
  },
);
