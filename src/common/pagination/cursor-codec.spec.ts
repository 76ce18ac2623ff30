import fc from 'fast-check';
import { CursorCodec } from './cursor-codec.js';
import { InvalidCursorError } from './invalid-cursor.error.js';

const codec = new CursorCodec(['s'.repeat(32)]);
const query = { sort: 'latest', category: 'CAFE' };

describe('CursorCodec', () => {
  it('decodes every encoded position', () => {
    const positions = fc.array(fc.oneof(fc.integer(), fc.string()), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(positions, (position) => {
        expect(codec.decode(query, codec.encode(query, position))).toEqual(position);
      }),
    );
  });

  it('ignores the order of query fields and undefined fields', () => {
    const cursor = codec.encode({ category: 'CAFE', sort: 'latest', district: undefined }, [7]);
    expect(codec.decode(query, cursor)).toEqual([7]);
  });

  it('rejects a cursor of another query', () => {
    const cursor = codec.encode(query, [7]);
    expect(() => codec.decode({ ...query, sort: 'likes' }, cursor)).toThrow(InvalidCursorError);
  });

  it('rejects a cursor of another secret', () => {
    const cursor = new CursorCodec(['t'.repeat(32)]).encode(query, [7]);
    expect(() => codec.decode(query, cursor)).toThrow(InvalidCursorError);
  });

  it('accepts a cursor of each of its secrets and signs with the first', () => {
    const [one, other] = ['s'.repeat(32), 't'.repeat(32)] as const;
    const codecs = [new CursorCodec([one, other]), new CursorCodec([other, one])];
    for (const signer of codecs) {
      for (const reader of codecs) expect(reader.decode(query, signer.encode(query, [7]))).toEqual([7]);
    }
    expect(codec.decode(query, new CursorCodec([one, other]).encode(query, [7]))).toEqual([7]);
    expect(() => codec.decode(query, new CursorCodec([other, one]).encode(query, [7]))).toThrow(InvalidCursorError);
  });

  it('rejects a cursor with any one character changed', () => {
    const cursor = codec.encode(query, ['2026-01-01T00:00:00.000Z', 7]);
    for (let at = 0; at < cursor.length; at += 1) {
      const altered = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      expect(() => codec.decode(query, altered)).toThrow(InvalidCursorError);
    }
  });

  it('rejects any other input', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(() => codec.decode(query, text)).toThrow(InvalidCursorError);
      }),
    );
  });
});
