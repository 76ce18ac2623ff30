import { Injectable } from '@nestjs/common';
import { Cacheable, CacheType } from '../../src/cache/index.js';
import { encodeArguments, encodeKey } from '../../src/cache/keys/cache-key.js';
import { UnsupportedKeyError } from '../../src/cache/cache.errors.js';
import { useCacheApp, useRedis } from './support/suite.js';

const ofCall = (...args: unknown[]) => encodeArguments(args);

describe('the default key', () => {
  it('conformance 67: is constant without arguments', () => {
    expect(ofCall()).toBe(ofCall());
    expect(ofCall()).not.toBe(ofCall(null));
  });

  it('conformance 68: is the argument itself when there is one', () => {
    expect(ofCall('place')).toBe(encodeKey('place'));
    expect(ofCall([1, 2])).toBe(encodeKey([1, 2]));
  });

  it('conformance 69: depends on the order of several arguments', () => {
    expect(ofCall(1, 2)).toBe(ofCall(1, 2));
    expect(ofCall(1, 2)).not.toBe(ofCall(2, 1));
  });

  it('conformance 70: distinguishes null from a value and counts nulls', () => {
    expect(new Set([ofCall(null), ofCall('null'), ofCall(0), ofCall(null, null)]).size).toBe(4);
  });

  it('conformance 71: compares arrays by content and order', () => {
    expect(ofCall(['a', 'b'])).toBe(ofCall(['a', 'b']));
    expect(ofCall(['a', 'b'])).not.toBe(ofCall(['b', 'a']));
    expect(ofCall(['a', 'b'])).not.toBe(ofCall('a', 'b'));
  });

  it('conformance 72: accepts an array beside further arguments', () => {
    expect(ofCall(['a'], 1)).toBe(ofCall(['a'], 1));
    expect(new Set([ofCall(['a'], 1), ofCall(['a', 1]), ofCall('a', 1), ofCall([['a'], 1])]).size).toBe(4);
  });

  it('conformance 73: is the same in every process and release', () => {
    const query = { b: [1n, new Date(0), undefined, /a/g], a: new Map([['k', new Set([NaN, '-0', 0])]]) };
    const same = '({"a":Map("k"=>Set("-0",0,NaN)),"b":[1n,Date(0),undefined,RegExp("/a/g")]},null)';
    expect(ofCall(query, null)).toBe(same);
    expect(ofCall('x'.repeat(200))).toBe('#nZYT_LWEsgshEt6MHCBfA16nfDnCjVGyeUnnzFACnXs');
  });
});

describe('an argument that cannot be part of a key', () => {
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
    ['an object with symbol keys', { [Symbol('s')]: 1 }],
    ['an instance of Secretive', new Secretive()],
    ['an instance of URLSearchParams', new URLSearchParams('a=1')],
    ['an instance of Promise', Promise.resolve()],
    ['an instance of WeakMap', new WeakMap()],
    ['an instance of Error', new Error('e')],
  ])('is rejected by name: %s', (found, value) => {
    expect(() => encodeKey({ within: [value] })).toThrow(UnsupportedKeyError);
    expect(() => encodeKey({ within: [value] })).toThrow(`a cache key contains ${found}; use strings`);
  });
});

describe('long keys and keys with instances', () => {
  it('hash a long key with SHA-256', () => {
    expect(encodeKey('x'.repeat(10_000))).toMatch(/^#[\w-]{43}$/);
    expect(encodeKey('x'.repeat(10_000))).not.toBe(encodeKey('x'.repeat(10_001)));
    expect(encodeKey(`#${'x'.repeat(43)}`)).toMatch(/^"/);
  });

  it('distinguish classes by name, and @CacheType classes by their given name', () => {
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

describe('a key function', () => {
  @Injectable()
  class Service {
    @Cacheable({ cache: 'user' })
    get(..._id: unknown[]): Promise<number> {
      return Promise.resolve(Math.random());
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

  it('conformance 74: rejects a key that is null or undefined, naming the probable cause', async () => {
    await expect(app().get(Service).byId({})).rejects.toThrow(
      '@Cacheable of Service.byId: the key is null or undefined; probably an argument was left out',
    );
  });

  it('names the operation when it throws', async () => {
    const failed = app().get(Service).unsafely(null);
    await expect(failed).rejects.toThrow(/^@Cacheable of Service.unsafely: its key cannot be computed: TypeError/);
    const unsupported = app().get(Service).get(() => 1);
    await expect(unsupported).rejects.toThrow(/Service.get: its key cannot be computed: .* a function/);
  });
});
