import { Controller, Get, UseGuards, UseInterceptors, type CallHandler, type ExecutionContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Cacheable, CacheEvict, Caching } from '../../src/cache/index.js';
import { withCacheApp, type CacheApp, type CacheAppOptions } from './support/cache-app.js';
import { Notes, readAfter, table } from './support/shared-notes.js';
import { useRedis } from './support/suite.js';

const redis = useRedis();
beforeEach(() => Object.assign(table, { text: 'old', writes: 0 }));

const withApp = <T>(options: Omit<CacheAppOptions, 'redisUrl'>, work: (app: CacheApp) => Promise<T>) =>
  withCacheApp({ redisUrl: redis.server.url, ...options }, work);

describe('the application does not start', () => {
  it('without a cache module, because evictions would be lost', async () => {
    const start = Test.createTestingModule({ providers: [Notes] }).compile();
    await expect(start).rejects.toThrow(/can't resolve dependencies of the Notes\b.*CacheRuntime/s);
  });

  it('with @Cacheable below a decorator that replaces the method', async () => {
    const Twice: MethodDecorator = (_target, _name, descriptor: PropertyDescriptor) => {
      const method = descriptor.value as () => Promise<unknown>;
      descriptor.value = function (this: unknown) {
        return method.apply(this);
      };
    };
    class Beneath {
      @Twice
      @Cacheable({ cache: 'a' })
      read(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    class Above {
      @Cacheable({ cache: 'a' })
      @Twice
      read(): Promise<number> {
        return Promise.resolve(Math.random());
      }

      @Twice
      @CacheEvict({ cache: 'a' })
      evict(): Promise<void> {
        return Promise.resolve();
      }
    }
    await expect(withApp({ providers: [Beneath] }, () => Promise.resolve())).rejects.toThrow(
      'Beneath.read has @Cacheable beneath a decorator that replaces the method and would run on every hit; write @',
    );
    await withApp({ providers: [Above] }, async (app) => {
      const first = await app.get(Above).read();
      expect(await app.get(Above).read()).toBe(first);
      await app.get(Above).evict();
      expect(await app.get(Above).read()).not.toBe(first);
    });
  });

  it('with a route enhancer that names an unknown cache', async () => {
    class Guard {
      @Cacheable({ cache: 'unknown' })
      canActivate(_context: ExecutionContext): Promise<boolean> {
        return Promise.resolve(true);
      }
    }
    class Interceptor {
      @CacheEvict({ cache: 'nowhere', allEntries: true })
      evict(): Promise<void> {
        return Promise.resolve();
      }

      intercept(_context: ExecutionContext, next: CallHandler) {
        return next.handle();
      }
    }
    @UseGuards(Guard)
    @Controller()
    class Routes {
      @UseInterceptors(Interceptor)
      @Get()
      get(): string {
        return 'text';
      }
    }
    const start = withApp({ controllers: [Routes], settings: { caches: ['known'] } }, () => Promise.resolve());
    await expect(start).rejects.toThrow(
      '@Cacheable of Guard.canActivate names cache "unknown", which is not one of this cache manager\'s: known',
    );
    await expect(start).rejects.toThrow('@CacheEvict of Interceptor.evict names cache "nowhere"');
  });

  it('with cache decorators that were called without assigning their result', async () => {
    class ByHand {
      read(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    const { prototype } = ByHand;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'read') as PropertyDescriptor;
    (Cacheable({ cache: 'a' }) as unknown as MethodDecorator)(prototype, 'read', descriptor);
    await expect(withApp({ providers: [ByHand] }, () => Promise.resolve())).rejects.toThrow(
      'ByHand.read is still the method without its cache decorators, which have been applied but not assigned',
    );
  });

  it('with one object as a provider of two running applications', async () => {
    const provider = { provide: Notes, useValue: new Notes() };
    await withApp({ providers: [provider] }, async () => {
      await expect(withApp({ providers: [provider] }, () => Promise.resolve())).rejects.toThrow(
        'an object of Notes is a provider of two running applications; give each its own',
      );
    });
    await withApp({ providers: [provider] }, async (second) => {
      const notes = second.get(Notes);
      expect(await readAfter(notes.write.bind(notes), notes)).toBe('new');
      expect(second.caches.stats()['notes']).toMatchObject({ misses: 2 });
    });
  });
});

describe('a class declaration throws', () => {
  const Replacing: MethodDecorator = (_target, _name, descriptor: PropertyDescriptor) => {
    descriptor.value = () => Promise.resolve();
  };

  it('when another decorator replaces the method between two cache decorators', () => {
    expect(() => {
      class Split {
        @CacheEvict({ cache: 'a' })
        @Replacing
        @CacheEvict({ cache: 'b' })
        write(): Promise<void> {
          return Promise.resolve();
        }
      }
      return Split;
    }).toThrow('Split.write has cache decorators above and beneath another that replaces the method; write them next');
  });

  it('when a cache decorator is applied to something other than a method', () => {
    const decorate = Caching({}) as unknown as PropertyDecorator;
    expect(() => {
      class Field {
        @decorate
        write = () => Promise.resolve();
      }
      return Field;
    }).toThrow('Field.write is no method');
  });
});
