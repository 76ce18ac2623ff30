import { inspect } from 'node:util';
import { Injectable, type Type } from '@nestjs/common';
import { Cacheable, CacheType } from '../../src/cache/index.js';
import { CacheOperationError, UncacheableValueError, UnsupportedKeyError } from '../../src/cache/cache.errors.js';
import { decodeValue, encodeValue } from '../../src/cache/codec/value-codec.js';
import { encodeKey } from '../../src/cache/keys/cache-key.js';
import { builtByEsbuild, builtBySwc } from './support/older-builds.js';
import { useCacheApp, useRedis } from './support/suite.js';

type Make = (state: number) => object;

class WithPrivateField {
  page = 1;
  readonly #state: number;
  constructor(state: number) {
    this.#state = state;
  }
  get next(): number {
    return this.#state + 1;
  }
}

class WithPrivateBase extends WithPrivateField {
  size = 10;
}

/** The output of TypeScript for `accessor state = 0`. */
class WithAccessor {
  page = 1;
  #accessorStorage = 0;
  get state(): number {
    return this.#accessorStorage;
  }
  set state(state: number) {
    this.#accessorStorage = state;
  }
}

class WithPrivateMethod {
  page = 1;
  #next(): number {
    return this.page + 1;
  }
  get next(): number {
    return this.#next();
  }
}

class OwnMap extends Map<string, number> {
  page = 1;
}
class OwnSet extends Set<number> {
  page = 1;
}
class OwnDate extends Date {
  page = 1;
}
class OwnArray extends Array<number> {
  page = 1;
}
class OwnError extends Error {
  page = 1;
}
class OwnBytes extends Uint8Array {
  page = 1;
}

class Query {
  // '#state' in a text, and a #hash in a comment, are no private members.
  readonly hint = '#state';
  static readonly #count = 0;
  constructor(readonly page: number) {}
  get next(): number {
    return this.page + 1 + Query.#count;
  }
}

/** Number of elements of a view whose keys would take long to list. */
const LARGE = 100_000;

function withHidden(object: object, name: string | symbol, value: number): object {
  return Object.defineProperty(object, name, { value, enumerable: false });
}

function withHiddenField(state: number): object {
  return withHidden(new Query(1), 'state', state);
}

const Older = builtBySwc();
const OlderByEsbuild = builtByEsbuild();

/** Objects with state outside their own enumerable data fields, each with at least one such field. */
const opaque: Readonly<Record<string, Make>> = {
  'a #private field': (state) => new WithPrivateField(state),
  'a #private field of a base class': (state) => new WithPrivateBase(state),
  'an accessor field': (state) => Object.assign(new WithAccessor(), { state }),
  'a #private field, in a build for an older target': (state) => new Older(state),
  'a #private field, in a build of esbuild for an older target': (state) => new OlderByEsbuild(state),
  'a Map within': (state) => new OwnMap([['state', state]]),
  'a Set within': (state) => new OwnSet([state]),
  'a Date within': (state) => new OwnDate(state),
  'an array within': (state) => OwnArray.of(state, state),
  'an Error within': (state) => new OwnError(`${state}`),
  'bytes within': (state) => OwnBytes.of(state),
  'a boxed number': (state) => Object.assign(new Number(state), { page: 1 }),
  'an own accessor': (state) => ({ page: 1, get state() { return state; } }),
  'an own accessor of an instance': (state) =>
    Object.defineProperty(new Query(1), 'state', { get: () => state, enumerable: true }),
  'an inherited field': (state) => Object.assign(Object.create({ state }) as object, { page: 1 }),
  'a field of the prototype': (state) => {
    class Page {
      page = 1;
    }
    return new (Object.assign(Page, Object.assign(Page.prototype, { state })) as unknown as Type<object>)();
  },
  'a hidden field': (state) => Object.defineProperty({ page: 1 }, 'state', { value: state, enumerable: false }),
  'a hidden field of an instance': withHiddenField,
  'a symbol': (state) => ({ page: 1, [Symbol.for('state')]: state }),
  'a symbol of an instance': (state) => Object.assign(new Query(1), { [Symbol.for('state')]: state }),
  'a field of an array': (state) => Object.assign([1], { state }),
  'a hidden field of an array': (state) => Object.defineProperty([1], 'state', { value: state, enumerable: false }),
  'a symbol of an array': (state) => Object.assign([1], { [Symbol.for('state')]: state }),
  'a field of a Map': (state) => Object.assign(new Map([[1, 1]]), { state }),
  'a field of a Set': (state) => Object.assign(new Set([1]), { state }),
  'a field of a Date': (state) => Object.assign(new Date(0), { state }),
  'a symbol of a Date': (state) => Object.assign(new Date(0), { [Symbol.for('state')]: state }),
  'a field of a RegExp': (state) => Object.assign(/a/, { state }),
  'a field of a URL': (state) => Object.assign(new URL('http://a/'), { state }),
  'a field of a Buffer': (state) => Object.assign(Buffer.from('a'), { state }),
  'a field of a typed array': (state) => Object.assign(Float64Array.of(1), { state }),
  'a hidden field of a Buffer': (state) => withHidden(Buffer.from('a'), 'state', state),
  'a hidden symbol of a Buffer': (state) => withHidden(Buffer.from('a'), Symbol.for('state'), state),
  'a length of its own of a Buffer': (state) => withHidden(Buffer.from('a'), 'length', state + 1),
  'a hidden field of a large Buffer': (state) => withHidden(Buffer.alloc(LARGE), 'state', state),
  'a hidden symbol of a large Buffer': (state) => withHidden(Buffer.alloc(LARGE), Symbol.for('state'), state),
  'a byte offset of its own of a large Buffer': (state) => withHidden(Buffer.alloc(LARGE), 'byteOffset', state),
  'a hidden field of a typed array': (state) => withHidden(Float64Array.of(1), 'state', state),
  'a hidden field of a large typed array': (state) => withHidden(new Float64Array(LARGE), 'state', state),
  'a hidden field of an ArrayBuffer': (state) => withHidden(new ArrayBuffer(8), 'state', state),
  'a hidden field of a DataView': (state) => withHidden(new DataView(new ArrayBuffer(8)), 'state', state),
};

function outcomeOf(encode: () => unknown): unknown {
  try {
    return encode();
  } catch (error) {
    return error;
  }
}

describe('the cache key of an object with state that its fields do not show', () => {
  it.each(Object.keys(opaque))('is rejected or differs from the key of other state: %s', (kind) => {
    const [one, other] = [1, 2].map((state) => outcomeOf(() => encodeKey({ query: opaque[kind]?.(state) })));
    if (one instanceof Error) expect(one).toBeInstanceOf(UnsupportedKeyError);
    else expect(one).not.toBe(other);
  });

  it.each([
    ['an instance of WithPrivateField, which has private members', new WithPrivateField(1)],
    ['an instance of WithPrivateBase, which has private members', new WithPrivateBase(1)],
    ['an instance of OwnMap, which extends Map', new OwnMap()],
    ['an instance of OwnError, which extends Error', new OwnError('e')],
    ['an object with a non-enumerable property', withHiddenField(1)],
    ['an array with fields', Object.assign([1], { total: 1 })],
    ['an instance of Date with fields of its own', Object.assign(new Date(0), { zone: 'KST' })],
    ['an instance of Buffer with fields of its own', Object.assign(Buffer.from('a'), { unit: 'm' })],
  ])('is rejected with the remedy: %s', (found, value) => {
    expect(() => encodeKey([value])).toThrow(`a cache key contains ${found}; use strings`);
    expect(() => encodeKey([value])).toThrow('or give the operation a key function that picks such values');
  });

  it('includes the lastIndex of regular expressions', () => {
    const later = Object.assign(/a/g, { lastIndex: 1 });
    expect(encodeKey(later)).not.toBe(encodeKey(/a/g));
    expect(encodeKey(later)).toBe(encodeKey(Object.assign(/a/g, { lastIndex: 1 })));
  });

  it.each([10, LARGE])('accepts binary data without own fields: views on %i bytes', (size) => {
    const memory = new ArrayBuffer(8 * size + 16);
    for (const View of [Uint8Array, Int16Array, Float64Array, BigInt64Array]) {
      const view = new View(memory, 8, size);
      expect(encodeKey(view)).toBe(encodeKey(new View(view as never)));
      expect(decodeValue(encodeValue(view))).toEqual(view);
    }
    const bytes = Buffer.from(memory, 8, size);
    expect(encodeKey(bytes)).toBe(encodeKey(Buffer.alloc(size)));
    expect(decodeValue(encodeValue(bytes))).toEqual(bytes);
  });

  it('ignores getters and static private members', () => {
    expect(encodeKey(new Query(1))).toBe('"Query"{"hint":"#state","page":1}');
    expect(encodeKey(new Query(2))).not.toBe(encodeKey(new Query(1)));
    expect(encodeKey({ within: [new Query(1)] })).toBe(encodeKey({ within: [new Query(1)] }));
  });
});

describe('a cached method whose argument has hidden state', () => {
  @Injectable()
  class Pages {
    @Cacheable({ cache: 'pages' })
    get(_query: object): Promise<number> {
      return Promise.resolve(Math.random());
    }

    @Cacheable({ cache: 'pages', key: (query: { readonly next: number }) => query.next })
    byNext(_query: { readonly next: number }): Promise<number> {
      return Promise.resolve(Math.random());
    }
  }
  const app = useCacheApp(useRedis(), { providers: [Pages] });

  it('rejects, naming the operation and the remedy, and accepts a key function', async () => {
    const pages = app().get(Pages);
    await expect(pages.get(new WithPrivateField(1))).rejects.toThrow(CacheOperationError);
    const call = pages.get(new WithPrivateField(1));
    await expect(call).rejects.toThrow(/of Pages.get: its key cannot be computed: .* key function/);
    const first = await pages.byNext(new WithPrivateField(1));
    expect(await pages.byNext(new WithPrivateField(2))).not.toBe(first);
    expect(await pages.byNext(new WithPrivateField(1))).toBe(first);
  });
});

describe('@CacheType', () => {
  it.each<[string, Type<object>]>([
    ['extends Map', OwnMap],
    ['extends Set', OwnSet],
    ['extends Date', OwnDate],
    ['extends Array', OwnArray],
    ['extends Error', OwnError],
    ['extends Uint8Array', OwnBytes],
    ['extends Promise', class OwnPromise extends Promise<void> {}],
    ['has private members', WithPrivateField],
    ['has private members', WithPrivateBase],
    ['has private members', WithAccessor],
    ['has private members', WithPrivateMethod],
    ['has private members', Older],
    ['has private members', OlderByEsbuild],
  ])('rejects at declaration a class that %s (%p)', (hidden, type) => {
    const decorate = () => CacheType({ name: `hidden-state-${type.name}`, version: 1 })(type);
    expect(decorate).toThrow(`@CacheType is on ${type.name}, which ${hidden}, and what these hold would be lost`);
    expect(decorate).toThrow('keep all state in public fields, or leave the decorator out');
  });

  it('accepts classes with accessors, methods and static private members, and their subclasses', () => {
    class Wide extends Query {
      size = 10;
    }
    CacheType({ name: 'hidden-state-query', version: 1 })(Query);
    CacheType({ name: 'hidden-state-wide', version: 1 })(Wide);
    expect(decodeValue(encodeValue([new Query(1), new Wide(2)]))).toStrictEqual([new Query(1), new Wide(2)]);
    expect((decodeValue(encodeValue(new Wide(2))) as Wide).next).toBe(3);
  });
});

describe('a value with state that its fields do not show', () => {
  CacheType({ name: 'hidden-state-own', version: 1 })(
    class Own {
      page = 1;
    },
  );

  it.each(Object.keys(opaque))('is not stored: %s', (kind) => {
    expect(() => encodeValue({ value: opaque[kind]?.(1) })).toThrow(UncacheableValueError);
  });

  it('is not stored when only some instances of a @CacheType class have such state', () => {
    const Registered = class Registered {
      page = 1;
    };
    CacheType({ name: 'hidden-state-registered', version: 1 })(Registered);
    expect(decodeValue(encodeValue(new Registered()))).toStrictEqual(new Registered());
    for (const state of [{ value: 1, enumerable: false }, { get: () => 1, enumerable: true }]) {
      const instance = Object.defineProperty(new Registered(), 'state', state);
      expect(() => encodeValue(instance)).toThrow(UncacheableValueError);
    }
  });

  it('includes the lastIndex of regular expressions', () => {
    const expression = Object.assign(/a/g, { lastIndex: 3 });
    expect(inspect(decodeValue(encodeValue(expression)))).toBe('/a/g');
    expect((decodeValue(encodeValue(expression)) as RegExp).lastIndex).toBe(3);
  });
});
