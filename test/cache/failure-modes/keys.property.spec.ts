import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { encodeArguments } from '../../../src/cache/keys/cache-key.js';

/** Values that naive encodings confuse, small so that equal ones and near misses are frequent. */
const leaf = fc.constantFrom<unknown>(
  null,
  undefined,
  true,
  'true',
  0,
  -0,
  '0',
  NaN,
  'NaN',
  Infinity,
  1n,
  '1n',
  1,
  '',
  ',',
  '(1,2)',
  'undefined',
  '"',
  '1970-01-01T00:00:00.000Z',
);

const small = fc.letrec<{ value: unknown }>((tie) => {
  const list = fc.array(tie('value'), { maxLength: 2 });
  const key = fc.constantFrom('a', 'b', '__proto__', '');
  return {
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      fc.constantFrom(0, 1).map((time) => new Date(time)),
      list,
      fc.array(fc.tuple(key, tie('value')), { maxLength: 2 }).map((fields) => Object.fromEntries(fields)),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((entries) => new Map(entries)),
      list.map((elements) => new Set(elements)),
      fc.uint8Array({ maxLength: 2 }),
      fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
      // eslint-disable-next-line no-sparse-arrays
      fc.constantFrom(/a/g, /a/, new URL('http://a/'), [, 1], [undefined, 1]),
    ),
  };
}).value;

const smallLists = fc.array(small, { maxLength: 3 });
const anyLists = fc.array(
  fc.anything({ withBigInt: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true }),
  { maxLength: 4 },
);

/** Argument lists normalized as a method sees them: omitted trailing arguments equal undefined ones. */
function given(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

describe('prevents failure mode 13: different argument lists get the same JSON key', () => {
  it('gives equal keys exactly to equal lists, for small lists (property)', () => {
    fc.assert(
      fc.property(smallLists, smallLists, (one, other) => {
        expect(encodeArguments(one) === encodeArguments(other)).toBe(isDeepStrictEqual(given(one), given(other)));
      }),
      { numRuns: 20_000 },
    );
  });

  it('gives equal keys exactly to equal lists, for any lists (property)', () => {
    fc.assert(
      fc.property(anyLists, anyLists, (one, other) => {
        expect(encodeArguments(one) === encodeArguments(other)).toBe(isDeepStrictEqual(given(one), given(other)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('ignores the order of object keys and map entries', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), small), fc.array(fc.tuple(fc.string(), small)), (fields, entries) => {
        const reversed = Object.fromEntries(Object.entries(fields).reverse());
        const map = new Map(entries);
        expect(encodeArguments([fields, map, new Set(map.keys())])).toBe(
          encodeArguments([reversed, new Map([...map].reverse()), new Set([...map.keys()].reverse())]),
        );
      }),
    );
  });

  it('produces printable keys of at most 200 characters', () => {
    fc.assert(
      fc.property(anyLists, (args) => {
        const key = encodeArguments(args);
        expect(key.length).toBeLessThanOrEqual(200);
        expect(Buffer.from(key).toString()).toBe(key);
        expect(key).not.toMatch(/[\n\r\0]/);
      }),
    );
  });
});
