import { UndecodableValueError } from '../cache.errors.js';
import { fromTagged } from './from-tagged.js';
import { isPlainJson } from './plain-json.js';
import { toTagged } from './to-tagged.js';

const PLAIN = 'J'.charCodeAt(0);
const TAGGED = 'T'.charCodeAt(0);

/**
 * Turns values into bytes and back so that what comes out deep-equals what went in, prototypes included: JSON's own
 * types, undefined, NaN, ±Infinity, -0, bigint, Date, Map, Set, RegExp, URL, Buffer, typed arrays, objects without
 * prototype, and instances of classes with `@CacheType`. Every decoding gives a fresh copy.
 *
 * The first byte names the format: `J` is JSON as it stands, `T` is JSON with tags.
 *
 * @example `encodeValue({ id: 1 })` is `J{"id":1}`, and `encodeValue([new Date(0)])` is `T[{"$":["date",0]}]`
 * @throws UncacheableValueError for all else: functions, symbols, cycles, instances of other classes
 */
export function encodeValue(value: unknown): Buffer {
  return Buffer.from(isPlainJson(value) ? `J${JSON.stringify(value)}` : `T${JSON.stringify(toTagged(value))}`);
}

/**
 * Gives back what was encoded, by this process or another.
 * @throws UndecodableValueError for bytes of another format or of another version of a class
 */
export function decodeValue(bytes: Buffer): unknown {
  const format = bytes[0];
  if (format !== PLAIN && format !== TAGGED) throw new UndecodableValueError(`unknown format ${format}`);
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8', 1));
    return format === PLAIN ? json : fromTagged(json);
  } catch (error) {
    throw error instanceof UndecodableValueError ? error : new UndecodableValueError('not what was written', error);
  }
}
