import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { CacheType } from '../../src/cache/index.js';
import { UncacheableValueError, UndecodableValueError } from '../../src/cache/cache.errors.js';
import { decodeValue, encodeValue } from '../../src/cache/codec/value-codec.js';

@CacheType({ name: 'money', version: 2 })
class Money {
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {}

  get text(): string {
    return `${this.amount} ${this.currency}`;
  }
}

@CacheType({ name: 'order', version: 1 })
class Order {
  placedAt = new Date(0);
  readonly lines = new Map<string, Money>([['tea', new Money(4_500n, 'KRW')]]);
  note: string | undefined = undefined;
}

class Unregistered {
  id = 1;
}

class Derived extends Money {}

const cold = (value: unknown) => decodeValue(encodeValue(value));
const format = (value: unknown) => encodeValue(value).toString('latin1', 0, 1);

const values: Record<string, unknown> = {
  null: null,
  undefined,
  'true': true,
  text: 'text',
  'text with a lone surrogate': 'a\ud800b',
  'a text that looks like a date': '2024-01-01T00:00:00.000Z',
  'a text that looks like our tags': '{"$":["date",0]}',
  NaN,
  Infinity,
  '-Infinity': -Infinity,
  '0': 0,
  '-0': -0,
  'the largest number': Number.MAX_VALUE,
  bigint: 2n ** 80n,
  Date: new Date(1_700_000_000_123),
  Map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1, undefined])], [null, -0]]),
  Set: new Set([new Date(1), 'a']),
  RegExp: /a+\/"/giu,
  URL: new URL('https://seoul.example/?q=1#x'),
  Buffer: Buffer.from([0, 255, 128]),
  'an empty Buffer': Buffer.alloc(0),
  Uint8Array: Uint8Array.of(1, 2),
  Float64Array: Float64Array.of(NaN, -0, 1.5),
  BigInt64Array: BigInt64Array.of(-1n),
  'a window on bytes': new Uint16Array(Uint16Array.of(1, 2, 3).buffer, 2, 1),
  ArrayBuffer: Uint8Array.of(7).buffer,
  DataView: new DataView(Uint8Array.of(9).buffer),
  '[undefined]': [undefined],
  'a sparse array': Object.assign(new Array<number>(3), { 1: 1 }),
  'an object with undefined': { a: undefined, b: [1, { c: null }] },
  'an object with our mark': { $: ['date', 0], other: -0 },
  'an object with __proto__': JSON.parse('{"__proto__": {"admin": true}, "a": 1}') as unknown,
  'an object with __proto__ and more': { ...(JSON.parse('{"toString": "x"}') as object), ['__proto__']: undefined },
  'an object without prototype': Object.assign(Object.create(null) as object, { a: 1n }),
  'an instance': new Money(1n, 'KRW'),
  'nested instances': { order: new Order(), of: [new Money(0n, '')] },
};

describe('a decoded value', () => {
  it.each(Object.keys(values))('deep-equals the encoded one, prototypes included: %s', (name) => {
    expect(cold(values[name])).toStrictEqual(values[name]);
  });

  it('deep-equals any JSON value (property)', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(cold(value)).toStrictEqual(value)));
  });

  it('deep-equals any supported value (property)', () => {
    const anything = fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'toJSON', 'constructor', 'length')),
    });
    fc.assert(
      // Jest's toStrictEqual looks at a field called `constructor`.
      fc.property(anything, fc.date({ noInvalidDate: true }), (...value) => {
        expect(isDeepStrictEqual(cold(value), value)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is an instance with its methods, created without its constructor', () => {
    const money = cold(new Money(4_500n, 'KRW')) as Money;
    expect(money).toBeInstanceOf(Money);
    expect(money.text).toBe('4500 KRW');
  });

  it('is an invalid Date if the original was one', () => {
    expect((cold(new Date(NaN)) as Date).getTime()).toBeNaN();
    expect(cold([new Date(NaN)])).toEqual([expect.any(Date)]);
  });

  it('stays a string even if it looks like a date', () => {
    expect(cold({ at: '2024-01-01T00:00:00Z' })).toEqual({ at: '2024-01-01T00:00:00Z' });
  });

  it('is not polluted by a key named __proto__', () => {
    const value = cold(JSON.parse('{"a": {"__proto__": {"admin": true}}, "n": 1}')) as { a: { admin?: boolean } };
    expect(value.a.admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('is stored as Latin-1 where possible and as UTF-16 otherwise', () => {
    expect(['é', '€', '초록', ['é'], new Map([['초록', 1]])].map(format)).toEqual(['L', 'W', 'W', 'L', 'w']);
    expect(encodeValue('초록상점')).toHaveLength(1 + 2 * '"초록상점"'.length);
  });

  it('takes the fast path exactly when plain JSON suffices', () => {
    expect([{ a: [1, 'x', null, true] }, [], 'x', 1, null].map(format)).toEqual(Array(5).fill('L'));
    expect([{ a: undefined }, [-0], new Date(), 1n, { toJSON: 'x' }].map(format)).toEqual(Array(5).fill('l'));
  });
});

describe('an unserializable value', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each([
    ['a function', { f: () => 1 }],
    ['a symbol', [Symbol('s')]],
    ['an object too deep or within itself', circular],
    ['an instance of Unregistered', [new Unregistered()]],
    ['an instance of Derived', new Derived(1n, 'KRW')],
    ['an instance of Error', new Error('e')],
    ['an instance of Promise', Promise.resolve()],
    ['an object with symbol keys', { [Symbol('s')]: 1 }],
    ['an array with named properties', Object.assign([1], { total: 1 })],
    ['an instance of Date', Object.assign(new Date(), { zone: 'KST' })],
  ])('is rejected, naming its kind and the remedy: %s', (found, value) => {
    expect(() => encodeValue(value)).toThrow(UncacheableValueError);
    expect(() => encodeValue(value)).toThrow(`${found} cannot be cached; `);
  });

  it('names the decorator that an unknown class needs', () => {
    const hint = "put @CacheType({ name: 'Unregistered', version: 1 }) on the class";
    expect(() => encodeValue(new Unregistered())).toThrow(hint);
  });
});

describe('foreign bytes', () => {
  const stored = encodeValue(new Money(1n, 'KRW')).toString('latin1');

  it.each([
    ['nothing', ''],
    ['another format', 'Z123'],
    ['broken JSON', 'L{"a":'],
    ['an unknown tag', 'l{"$":["decimal","1"]}'],
    ['an earlier version of a class', stored.replace('"money",2', '"money",1')],
    ['a later version of a class', stored.replace('"money",2', '"money",3')],
    ['an unknown class', stored.replace('"money"', '"coins"')],
    ['an unknown kind of bytes', 'l{"$":["bytes","Float16Array","AA=="]}'],
    ['a tag with the wrong content', 'l{"$":["map",5]}'],
    ['garbage', '\u0000\u0001'],
  ])('are rejected: %s', (_what, bytes) => {
    expect(() => decodeValue(Buffer.from(bytes))).toThrow(UndecodableValueError);
  });

  it('never crash the decoder (property)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map((json) => Buffer.from(`l${json}`, 'latin1'))), (bytes) => {
        try {
          decodeValue(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableValueError);
        }
      }),
    );
  });
});

describe('@CacheType', () => {
  it('rejects one name for two classes', () => {
    expect(() => {
      CacheType({ name: 'money', version: 1 })(Unregistered);
    }).toThrow("@CacheType({ name: 'money' }) is on both Money and Unregistered; give one another name");
  });

  it.each([0, 1.5, -1, NaN])('rejects version %p', (version) => {
    expect(() => {
      CacheType({ name: 'unregistered', version })(Unregistered);
    }).toThrow('it must be a whole number from 1');
  });
});
