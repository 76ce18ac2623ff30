import { UndecodableValueError } from '../cache.errors.js';
import { fromTagged } from './from-tagged.js';
import { isPlainJson } from './plain-json.js';
import { toTagged } from './to-tagged.js';

const PLAIN = { latin1: Buffer.from('L'), utf16le: Buffer.from('W') } as const;
const TAGGED = { latin1: Buffer.from('l'), utf16le: Buffer.from('w') } as const;
const IS_LATIN1 = /^[\0-\xff]*$/;

/**
 * Serialises a value so that decoding returns a deep-equal one, prototypes included. Supported: JSON types, undefined,
 * NaN, ±Infinity, -0, bigint, Date, Map, Set, RegExp, URL, Buffer, typed arrays, objects without prototype, and
 * instances of classes with `@CacheType`. Every decoding returns a new copy.
 *
 * Text is stored in the string representation of the engine, one byte per character (ISO 8859-1) or two (UTF-16LE):
 * Korean takes no more space than in UTF-8, and reading it is a copy instead of a conversion, which would be most of
 * the cost of a hit. The first byte is the format: `L` and `W` are plain JSON, `l` and `w` JSON with tags.
 *
 * @example `encodeValue({ id: 1 })` is `L{"id":1}`, and `encodeValue([new Date(0)])` is `l[{"$":["date",0]}]`
 * @throws UncacheableValueError for everything else: functions, symbols, cycles, instances of other classes
 */
export function encodeValue(value: unknown): Buffer {
  const [marks, json] = isPlainJson(value)
    ? [PLAIN, JSON.stringify(value)]
    : [TAGGED, JSON.stringify(toTagged(value))];
  const encoding = IS_LATIN1.test(json) ? 'latin1' : 'utf16le';
  return Buffer.concat([marks[encoding], Buffer.from(json, encoding)]);
}

/**
 * Decodes bytes that `encodeValue` wrote in this process or another.
 * @throws UndecodableValueError for bytes of another format or of another version of a class
 */
export function decodeValue(bytes: Buffer): unknown {
  try {
    switch (bytes[0]) {
      case PLAIN.latin1[0]:
        return JSON.parse(bytes.toString('latin1', 1));
      case PLAIN.utf16le[0]:
        return JSON.parse(bytes.toString('utf16le', 1));
      case TAGGED.latin1[0]:
        return fromTagged(JSON.parse(bytes.toString('latin1', 1)));
      case TAGGED.utf16le[0]:
        return fromTagged(JSON.parse(bytes.toString('utf16le', 1)));
      default:
        throw new UndecodableValueError(`unknown format ${bytes[0]}`);
    }
  } catch (error) {
    throw error instanceof UndecodableValueError ? error : new UndecodableValueError('not what was written', error);
  }
}
