import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CacheType } from '../../src/cache/index.js';
import { encodeArguments, encodeKey, keyOfUser } from '../../src/cache/keys/cache-key.js';
import { UnsupportedKeyError } from '../../src/cache/cache.errors.js';
import { useCacheApp, useRedis } from './support/suite.js';

const ofCall = (...args: unknown[]) => encodeArguments(args);

describe('the key of a call whose operation names none', () => {
  it('67 is constant without arguments', () => {
    expect(ofCall()).toBe(ofCall());
    expect(ofCall()).not.toBe(ofCall(null));
  });

  it('68 is the argument itself when there is one', () => {
    expect(ofCall('place')).toBe(encodeKey('place'));
    expect(ofCall([1, 2])).toBe(encodeKey([1, 2]));
  });

  it('69 depends on the order of several', () => {
    expect(ofCall(1, 2)).toBe(ofCall(1, 2));
    expect(ofCall(1, 2)).not.toBe(ofCall(2, 1));
  });

  it('70 tells null from a value, and counts nulls', () => {
    expect(new Set([ofCall(null), ofCall('null'), ofCall(0), ofCall(null, null)]).size).toBe(4);
  });

  it('71 compares arrays by content and order', () => {
    expect(ofCall(['a', 'b'])).toBe(ofCall(['a', 'b']));
    expect(ofCall(['a', 'b'])).not.toBe(ofCall(['b', 'a']));
    expect(ofCall(['a', 'b'])).not.toBe(ofCall('a', 'b'));
  });

  it('72 takes an array beside further arguments', () => {
    expect(ofCall(['a'], 1)).toBe(ofCall(['a'], 1));
    expect(new Set([ofCall(['a'], 1), ofCall(['a', 1]), ofCall('a', 1), ofCall([['a'], 1])]).size).toBe(4);
  });

  it('73 is the same in every process, now and after the next release', () => {
    const query = { b: [1n, new Date(0), undefined, /a/g], a: new Map([['k', new Set([NaN, '-0', 0])]]) };
    const same = '({"a":Map("k"=>Set("-0",0,NaN)),"b":[1n,Date(0),undefined,RegExp("/a/g")]},null)';
    expect(ofCall(query, null)).toBe(same);
    expect(ofCall('x'.repeat(200))).toBe('#nZYT_LWEsgshEt6MHCBfA16nfDnCjVGyeUnnzFACnXs');
  });

  it('counts arguments left out at the end as undefined ones (hole 16)', () => {
    expect(ofCall(1)).toBe(ofCall(1, undefined));
    expect(ofCall()).toBe(ofCall(undefined, undefined));
    expect(ofCall(undefined, 1)).not.toBe(ofCall(1));
    expect(ofCall(undefined, 1)).not.toBe(ofCall(null, 1));
    expect(ofCall(null)).not.toBe(ofCall());
  });
});

describe('what a key cannot be made of', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  let deep: unknown = 1;
  for (let depth = 0; depth < 101; depth++) deep = [deep];
  class Secretive {
    readonly #id = Math.random();
    same(other: Secretive): boolean {
      return this.#id === other.#id;
    }
  }

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['an object that contains itself', circular],
    ['objects nested deeper than 100', deep],
    ['an object with symbols for keys', { [Symbol('s')]: 1 }],
    ['an instance of Secretive', new Secretive()],
    ['an instance of URLSearchParams', new URLSearchParams('a=1')],
    ['an instance of Promise', Promise.resolve()],
    ['an instance of WeakMap', new WeakMap()],
    ['an instance of Error', new Error('e')],
  ])('names %s', (found, value) => {
    expect(() => encodeKey({ within: [value] })).toThrow(UnsupportedKeyError);
    expect(() => encodeKey({ within: [value] })).toThrow(`a cache key holds ${found}; use strings`);
  });
});

describe('keys that are long, or belong to somebody', () => {
  it('replaces long ones by their SHA-256', () => {
    expect(encodeKey('x'.repeat(10_000))).toMatch(/^#[\w-]{43}$/);
    expect(encodeKey('x'.repeat(10_000))).not.toBe(encodeKey('x'.repeat(10_001)));
    expect(encodeKey(`#${'x'.repeat(43)}`)).toMatch(/^"/);
  });

  it('keeps apart the two UUIDs that a 32-bit hash confuses (hole 14)', () => {
    const [one, other] = ['f269a64a-671c-4f67-aa20-92afcada0072', '78790299-3f56-436b-ae00-067e81eec86a'];
    expect(encodeKey(one)).not.toBe(encodeKey(other));
    expect(encodeKey({ id: one, more: 'x'.repeat(300) })).not.toBe(encodeKey({ id: other, more: 'x'.repeat(300) }));
  });

  it("keeps one user's keys apart from another's and from public ones (hole 19)", () => {
    const ofUsers = [keyOfUser('a', encodeKey('bc')), keyOfUser('ab', encodeKey('c'))];
    expect(new Set([...ofUsers, encodeKey('bc'), encodeKey('@"a""bc"')]).size).toBe(4);
  });

  it('tells classes apart by name, and those with @CacheType by the name given there (hole 15)', () => {
    const one = class Query {
      id = 1;
    };
    const two = class Other {
      id = 1;
    };
    const renamed = class Q2 {
      id = 1;
    };
    CacheType({ name: 'Query', version: 1 })(renamed);
    expect(encodeKey(new one())).not.toBe(encodeKey(new two()));
    expect(encodeKey(new one())).not.toBe(encodeKey({ id: 1 }));
    expect(encodeKey(new one())).toBe(encodeKey(new renamed()));
  });
});

describe('keys in use', () => {
  @Injectable()
  class Service {
    @Cacheable({ cache: 'user' })
    get(..._id: unknown[]): Promise<number> {
      return Promise.resolve(Math.random());
    }

    @CacheEvict({ cache: 'user' })
    evict(..._id: unknown[]): Promise<void> {
      return Promise.resolve();
    }

    @Cacheable({ cache: 'user', key: (user: { id?: number }) => user.id })
    byId(_user: { id?: number }): Promise<number> {
      return Promise.resolve(1);
    }

    @Cacheable({ cache: 'user', key: (user: { id: number } | null) => (user as { id: number }).id })
    unsafely(_user: { id: number } | null): Promise<number> {
      return Promise.resolve(1);
    }
  }
  const app = useCacheApp(useRedis(), { providers: [Service] });

  it('74 are refused when they compute to null or undefined, with the probable cause', async () => {
    await expect(app().get(Service).byId({})).rejects.toThrow(
      '@Cacheable of Service.byId: the key is null or undefined; probably an argument was left out',
    );
  });

  it('name the operation when they cannot be computed', async () => {
    const failed = app().get(Service).unsafely(null);
    await expect(failed).rejects.toThrow(/^@Cacheable of Service.unsafely: no key could be made: TypeError/);
    await expect(app().get(Service).get(() => 1)).rejects.toThrow(/Service.get: no key could be made: .* a function/);
  });

  it('never overlap between caches whose names begin alike (hole 17)', async () => {
    const caches = ['user', 'users', 'user:1'].map((name) => app().caches.get(name));
    await Promise.all(caches.map((cache) => cache.put(1, cache.name)));
    await app().caches.get('user').clear();
    const left = await Promise.all(caches.map((cache) => cache.get(1)));
    expect(left).toEqual([undefined, { value: 'users' }, { value: 'user:1' }]);
  });

  it('take every character for itself: an evict of * removes that entry only (hole 18)', async () => {
    const strange = ['\n', '\0', ' ', '', '\u00e9', 'e\u0301', '\ud800', 'x'.repeat(10_240)];
    const absurd = ['*', '[a-z]', 'a:b', 'a}b{', '#', ...strange];
    const service = app().get(Service);
    const before = await Promise.all(absurd.map((key) => service.get(key)));
    expect(new Set(before).size).toBe(absurd.length);
    await service.evict('*');
    const after = await Promise.all(absurd.map((key) => service.get(key)));
    expect(absurd.filter((_key, index) => after[index] !== before[index])).toEqual(['*']);
    expect(await service.get('a:b', 'c')).not.toBe(await service.get('a', 'b:c'));
  });
});
