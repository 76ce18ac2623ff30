import * as nest from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { transformSync } from '@swc/core';
import * as cache from '../../../src/cache/index.js';
import { Cacheable, CacheConfig, CacheEvict } from '../../../src/cache/index.js';
import { createCacheApp, withCacheApp } from '../support/cache-app.js';
import { caller, v1, v2 } from '../support/deferred-notes.js';
import { usePods } from '../support/pods.js';
import { asAnotherCaller, useSqlNotes } from '../support/sql-notes.js';
import { useCacheApp, useRedis } from '../support/suite.js';

@Injectable()
class Users {
  @Cacheable({ cache: 'user' })
  get(..._id: unknown[]): Promise<number> {
    return Promise.resolve(Math.random());
  }

  @Cacheable({ cache: 'user' })
  search(_text = '', _limit?: number): Promise<number> {
    return Promise.resolve(Math.random());
  }

  @CacheEvict({ cache: 'user' })
  evict(..._id: unknown[]): Promise<void> {
    return Promise.resolve();
  }
}

describe('keys', () => {
  const app = useCacheApp(useRedis(), { providers: [Users] });
  const users = () => app().get(Users);

  it('prevents failure mode 14: a 32-bit hash collision gives one user the entry of another', async () => {
    const [a, b] = ['f269a64a-671c-4f67-aa20-92afcada0072', '78790299-3f56-436b-ae00-067e81eec86a'];
    for (const more of ['', 'x'.repeat(300)]) {
      expect(await users().get(a, more)).not.toBe(await users().get(b, more));
      expect(await users().get(a, more)).toBe(await users().get(a, more));
    }
  });

  it('prevents failure mode 16: f() and f(undefined) are treated inconsistently', async () => {
    const none = await users().search();
    expect([await users().search(undefined), await users().search(undefined, undefined)]).toEqual([none, none]);
    expect(await users().search('')).not.toBe(none);
    const one = await users().get(1);
    expect(await users().get(1, undefined)).toBe(one);
    const lists = [[undefined, 1], [null, 1], [null], [1, null]];
    const unlike = await Promise.all(lists.map((ids) => users().get(...ids)));
    expect(new Set([...unlike, none, one]).size).toBe(6);
  });

  it('prevents failure mode 17: clearing one cache wipes another whose name begins alike', async () => {
    const caches = ['user', 'users', 'user:1', 'user:1:2'].map((name) => app().caches.get(name));
    for (const cleared of ['user', 'user:1']) {
      await Promise.all(caches.map((each) => each.put(1, each.name)));
      await app().caches.get(cleared).clear();
      const left = await Promise.all(caches.map((each) => each.get(1)));
      expect(left).toEqual(caches.map(({ name }) => (name === cleared ? undefined : { value: name })));
    }
  });

  it('prevents failure mode 18: an argument injects a glob pattern or separator into the key', async () => {
    const strange = ['\n', '\0', ' ', '', '\u00e9', 'e\u0301', '\ud800', 'x'.repeat(10_240)];
    const absurd = ['*', '[a-z]', 'a:b', 'a}b{', '#', ...strange];
    const before = await Promise.all(absurd.map((key) => users().get(key)));
    expect(new Set(before).size).toBe(absurd.length);
    for (const evicted of ['*', 'a:b', '\n', 'x'.repeat(10_240)]) {
      const cached = await Promise.all(absurd.map((key) => users().get(key)));
      await users().evict(evicted);
      const after = await Promise.all(absurd.map((key) => users().get(key)));
      expect(absurd.filter((_key, index) => after[index] !== cached[index])).toEqual([evicted]);
    }
    expect(await users().get('a:b', 'c')).not.toBe(await users().get('a', 'b:c'));
  });
});

describe('prevents failure mode 15: equal class names or minified builds share entries', () => {
  const redis = useRedis();
  const withProviders = <T>(providers: nest.Type[], work: (app: Awaited<ReturnType<typeof createCacheApp>>) => T) =>
    withCacheApp({ redisUrl: redis.server.url, providers }, (app) => Promise.resolve(work(app)));

  it('separates two classes of one name that use different caches', async () => {
    const [One, Other] = [repositoryOf('one'), repositoryOf('other')];
    await withProviders([One, Other], async (app) => {
      for (const _round of [1, 2]) {
        expect([await app.get(One).find(1), await app.get(Other).find(1)]).toEqual(['one', 'other']);
      }
    });
  });

  it('finds the entries of the plain build in a minified one', async () => {
    const [plain, minified] = [build(false), build(true)];
    expect([plain.Shops.name, plain.Cafes.name]).toEqual(['Shops', 'Cafes']);
    expect([minified.Shops.name, minified.Cafes.name]).not.toContain('Shops');
    const cached = await withProviders([plain.Shops, plain.Cafes], async (app) => [
      await app.get(plain.Shops).find(1),
      await app.get(plain.Cafes).find(1),
    ]);
    await withProviders([minified.Shops, minified.Cafes], async (app) => {
      expect([await app.get(minified.Shops).find(1), await app.get(minified.Cafes).find(1)]).toEqual(cached);
    });
    expect(new Set(cached).size).toBe(2);
  });

  it('rejects at start a subclass that would share the entries of its parent', async () => {
    const Parent = repositoryOf('parent');
    class Child extends Parent {}
    await expect(withProviders([Parent, Child], () => undefined)).rejects.toThrow(
      '@Cacheable of Child.find shares its entries with Repository.find, of another class that inherits the same ' +
        'decorator; give one class a @CacheConfig with a cache of its own, or name this.targetClass in the key',
    );
    CacheConfig({ cache: 'children' })(Child);
    await withProviders([Parent, Child], async (app) => {
      await app.get(Parent).find(1);
      await app.get(Child).find(1);
      expect(app.caches.stats()).toMatchObject({ parent: { misses: 1 }, children: { misses: 1 } });
    });
  });

  it('separates an override from its parent, and rejects it without decorators', async () => {
    const Parent = repositoryOf('parent');
    class Bare extends Parent {
      override find(_id: number): Promise<string> {
        return Promise.resolve('of the child');
      }
    }
    class Child extends Parent {
      @Cacheable({ cache: 'children', key: (id: number) => id })
      override find(_id: number): Promise<string> {
        return Promise.resolve('of the child');
      }
    }
    await expect(withProviders([Parent, Bare], () => undefined)).rejects.toThrow(
      'Bare.find overrides a method with cache decorators and has none; repeat them on it',
    );
    await withProviders([Parent, Child], async (app) => {
      for (const _round of [1, 2]) {
        expect([await app.get(Parent).find(1), await app.get(Child).find(1)]).toEqual(['parent', 'of the child']);
      }
    });
  });
});

/** A class named `Repository`, a name that several modules may use. */
function repositoryOf(name: string) {
  @Injectable()
  @CacheConfig({ cache: name })
  class Repository {
    @Cacheable({ key: (id: number) => id })
    find(_id: number): Promise<string> {
      return Promise.resolve(name);
    }
  }
  return Repository;
}

type Finder = nest.Type<{ find(id: number): Promise<number> }>;

/** Two cached services, compiled as for production. */
function build(isMinified: boolean): { readonly Shops: Finder; readonly Cafes: Finder } {
  const service = (name: string, cacheName: string) => `
    @nest.Injectable()
    class ${name} {
      @cache.Cacheable({ cache: '${cacheName}', key: (id) => ({ id }) })
      find(identifier) { return Promise.resolve(Math.random()); }
    }`;
  const source = `${service('Shops', 'shops')} ${service('Cafes', 'cafes')} Object.assign(exports, { Shops, Cafes });`;
  const { code } = transformSync(source, {
    isModule: false,
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      target: 'es2022',
      transform: { legacyDecorator: true },
      ...(isMinified && { minify: { compress: true, mangle: { toplevel: true } } }),
    },
    minify: isMinified,
  });
  const built = {} as { Shops: Finder; Cafes: Finder };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('nest', 'cache', 'exports', code) as (...args: unknown[]) => void;
  run(nest, cache, built);
  return built;
}

describe('prevents failure mode 20: a shared load runs in the context of its first caller', () => {
  const redis = useRedis();
  const pods = usePods(redis);
  const stored = useSqlNotes(redis);

  it('runs a load outside the context of its first caller, and a change inside its own', async () => {
    const { a } = pods;
    const [first, second] = ['alice', 'bob'].map((name) => caller.run(name, () => a.get(1)));
    await pods.joined(2);
    await a.source.respond(v1);
    expect(await Promise.all([first, second])).toEqual([v1, v1]);
    expect(a.source.callers).toEqual([undefined]);
    const changed = caller.run('alice', () => a.put(1));
    await a.source.respond(v2);
    await changed;
    expect(a.source.callers).toEqual([undefined, 'alice']);
  });

  it('gives the second caller the value though the first has aborted', async () => {
    const { a } = pods;
    const abort = new AbortController();
    const first = new Promise((resolve, reject) => {
      abort.signal.addEventListener('abort', () => reject(new Error('aborted')));
      a.get(1).then(resolve, reject);
    });
    const second = a.get(1);
    await pods.joined(2);
    abort.abort();
    await expect(first).rejects.toThrow('aborted');
    await a.source.respond(v1);
    expect(await second).toEqual(v1);
  });

  it('shares no load with a caller in a transaction', async () => {
    const { notes, app } = stored;
    const rollback = new Error('rolled back');
    const change = notes.within(async () => {
      await notes.write(1, 'uncommitted');
      expect(await app.caches.get('outside').getOrLoad('x', () => notes.get(1))).toBe('old');
      const [own, ofAnother] = await Promise.all([notes.get(1), asAnotherCaller(() => notes.get(1))]);
      expect([own, ofAnother]).toEqual(['uncommitted', 'old']);
      throw rollback;
    });
    await expect(change).rejects.toBe(rollback);
    expect(await notes.get(1)).toBe('old');
  });
});
