import { Controller, Get, Global, Injectable, Module, Scope, type Provider, type Type } from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { Cacheable, CacheEvict, CacheManager } from '../../../src/cache/index.js';
import { CacheOperationError } from '../../../src/cache/cache.errors.js';
import { until } from '../../support/until.js';
import { withCacheApp, type CacheApp, type CacheAppOptions } from '../support/cache-app.js';
import { Notes, readAfter, table, type Write } from '../support/shared-notes.js';
import { useRedis } from '../support/suite.js';

/** A provider that references a method before the application has started. */
interface Holder {
  readonly write: Write;
}

const redis = useRedis();
beforeEach(() => Object.assign(table, { text: 'old', writes: 0 }));

const withApp = <T>(options: Omit<CacheAppOptions, 'redisUrl'>, work: (app: CacheApp) => Promise<T>) =>
  withCacheApp({ redisUrl: redis.server.url, ...options }, work);

describe('prevents failure mode 52: a method referenced before the start bypasses the cache', () => {
  @Injectable()
  class BoundByAnother implements Holder {
    readonly write: Write;
    constructor(notes: Notes) {
      this.write = notes.write.bind(notes);
    }
  }

  @Injectable()
  class PutBoundByAnother implements Holder {
    readonly write: Write;
    constructor(notes: Notes) {
      this.write = notes.put.bind(notes);
    }
  }

  @Injectable()
  class TakenFromTheObject implements Holder {
    readonly write: Write;
    constructor(notes: Notes) {
      const { write } = notes;
      this.write = (text) => write.call(notes, text);
    }
  }

  @Injectable()
  class TakenFromTheClass implements Holder {
    readonly write: Write;
    constructor(notes: Notes) {
      this.write = Notes.prototype.write.bind(notes);
    }
  }

  it.each<[string, Type<Holder>]>([
    ['bound by another provider', BoundByAnother],
    ['that puts, bound by another provider', PutBoundByAnother],
    ['taken from the object', TakenFromTheObject],
    ['taken from the class', TakenFromTheClass],
  ])('runs its operations: %s', async (_how, Holding) => {
    await withApp({ providers: [Notes, Holding] }, async (app) => {
      expect(await readAfter(app.get(Holding).write, app.get(Notes))).toBe('new');
    });
  });

  it('runs its operations when a factory returns it', async () => {
    const write = { provide: 'write', inject: [Notes], useFactory: (notes: Notes) => notes.write.bind(notes) };
    await withApp({ providers: [Notes, write] }, async (app) => {
      expect(await readAfter(app.get<Write>('write'), app.get(Notes))).toBe('new');
    });
  });

  it('runs its operations when the class binds it itself', async () => {
    @Injectable()
    class SelfBound extends Notes {
      override readonly write = super.write.bind(this);
      readonly change = this.put.bind(this);
    }
    await withApp({ providers: [SelfBound] }, async (app) => {
      const notes = app.get(SelfBound);
      expect(await readAfter(notes.write, notes)).toBe('new');
      await notes.change('newest');
      expect(await notes.read()).toBe('newest');
    });
  });

  it('runs its operations when a subclass inherits it, or overrides and calls it', async () => {
    @Injectable()
    class Inheriting extends Notes {}
    @Injectable()
    class Overriding extends Notes {
      @CacheEvict({ cache: 'notes', allEntries: true })
      override write(text: string): Promise<void> {
        return super.write(text);
      }
    }
    for (const Service of [Inheriting, Overriding]) {
      table.text = 'old';
      await redis.client.flushall();
      const write = { provide: 'write', inject: [Service], useFactory: (notes: Notes) => notes.write.bind(notes) };
      await withApp({ providers: [Service, write] }, async (app) => {
        expect(await readAfter(app.get<Write>('write'), app.get(Service))).toBe('new');
      });
    }
  });

  it.each([Scope.REQUEST, Scope.TRANSIENT])('runs its operations when its provider has scope %p', async (scope) => {
    @Injectable({ scope })
    class Scoped {
      @Cacheable({ cache: 'notes', key: () => 'note', scope: 'public' })
      read(): Promise<string> {
        return Promise.resolve(table.text);
      }

      @CacheEvict({ cache: 'notes', key: () => 'note' })
      write(text: string): Promise<void> {
        table.text = text;
        return Promise.resolve();
      }
    }
    @Injectable()
    class Holding implements Holder {
      readonly write: Write;
      constructor(readonly notes: Scoped) {
        this.write = notes.write.bind(notes);
      }
    }
    await withApp({ providers: [Scoped, Holding] }, async (app) => {
      const { write, notes } = await app.module.resolve(Holding, ContextIdFactory.create());
      expect(await readAfter(write, notes)).toBe('new');
    });
  });

  it('runs its operations in a lazy module and in an object created by ModuleRef', async () => {
    @Module({ providers: [Notes, BoundByAnother] })
    class LazyModule {}
    await withApp({}, async (app) => {
      const lazy = await app.module.get(LazyModuleLoader).load(() => LazyModule);
      expect(await readAfter(lazy.get(BoundByAnother).write, lazy.get(Notes))).toBe('new');
      table.text = 'old';
      const made = await app.module.get(ModuleRef).create(Notes);
      await made.write('old');
      expect(await readAfter(made.write.bind(made), made)).toBe('new');
    });
  });

  it('runs its operations on a controller', async () => {
    @Controller()
    class NotesController extends Notes {
      @Get()
      @Cacheable({ cache: 'notes', key: () => 'note' })
      override read(): Promise<string> {
        return Promise.resolve(table.text);
      }
    }
    const write = { provide: 'write', inject: [ModuleRef], useFactory: (modules: ModuleRef) => (text: string) => {
      const controller = modules.get(NotesController);
      return controller.write.call(controller, text);
    } };
    await withApp({ controllers: [NotesController], providers: [write] }, async (app) => {
      expect(await readAfter(app.get<Write>('write'), app.get(NotesController))).toBe('new');
    });
  });
});

describe('a decorated method called before the start', () => {
  @Global()
  @Module({ providers: [Notes], exports: [Notes] })
  class NotesModule {}

  it('looks up, stores and evicts as after the start', async () => {
    const results: string[] = [];
    const early: Provider = {
      provide: 'early',
      inject: [Notes, CacheManager],
      useFactory: async (notes: Notes, caches: CacheManager) => {
        // The cache is bypassed until Redis is connected.
        await until(async () => (await notes.read()) === 'old' && caches.stats()['notes']?.puts === 1);
        table.text = 'changed behind the back of the cache';
        results.push(await notes.read());
        await notes.write('new');
        results.push(await notes.read());
      },
    };
    await withApp({ imports: [NotesModule], providers: [early] }, async (app) => {
      expect(results).toEqual(['old', 'new']);
      expect(await app.get(Notes).read()).toBe('new');
    });
  });

  it('rejects when its operations are invalid, as the start does then', async () => {
    @Injectable()
    class Wrong {
      @Cacheable({})
      read(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    const errors: unknown[] = [];
    const early = {
      provide: 'early',
      inject: [Wrong],
      useFactory: (wrong: Wrong) => wrong.read().catch((error: unknown) => errors.push(error)),
    };
    const start = withApp({ providers: [Wrong, early] }, () => Promise.resolve());
    await expect(start).rejects.toThrow('@Cacheable of Wrong.read names no cache');
    expect(String(errors[0])).toMatch('@Cacheable of Wrong.read names no cache');
  });

  it('rejects without running when it changes a cache of an object that Nest did not create', async () => {
    const refused: unknown[] = [];
    const notes = { provide: Notes, useFactory: () => new Notes() };
    const early = {
      provide: 'early',
      inject: [Notes],
      useFactory: async (own: Notes) => {
        for (const change of [own.write.bind(own), own.put.bind(own)]) {
          refused.push(await change('lost').catch((error: unknown) => error));
        }
        return own.write.bind(own);
      },
    };
    await withApp({ providers: [notes, early] }, async (app) => {
      expect(refused).toEqual([expect.any(CacheOperationError), expect.any(CacheOperationError)]);
      expect(String(refused[0])).toMatch('Notes.write: it changes a cache, but was called on an instance that');
      expect(table).toEqual({ text: 'old', writes: 0 });
      expect(await readAfter(app.get<Write>('early'), app.get(Notes))).toBe('new');
    });
  });

  it('runs without a cache on an object that Nest did not create when it only looks up', async () => {
    const alone = new Notes();
    expect(await alone.read()).toBe('old');
    table.text = 'new';
    expect(await alone.read()).toBe('new');
    await expect(alone.write('lost')).rejects.toThrow('register its class as a provider, or call it after');
    const { write } = alone;
    await expect((write as Write)('lost')).rejects.toThrow(CacheOperationError);
    expect(table.text).toBe('new');
  });
});
