import { createHash } from 'node:crypto';
import { encodeKeyPart } from './encode-key-part.js';

/**
 * Maximum length of a readable key. Longer keys are replaced by their SHA-256, so that no argument can make a key of
 * unlimited size.
 */
const READABLE_LENGTH = 200;

/**
 * Canonical encoding that identifies a value among the keys of one cache: equal for equal values, in every process, and
 * never equal for different ones. Values are equal when their types and contents are: the order of an object's keys or
 * of the entries of a Map or Set does not matter, the order of an array's elements does; `0` is not `-0`, `NaN` is
 * `NaN`, `null` is not `undefined`, a Date is not its text, instances of differently named classes are never equal.
 *
 * @throws UnsupportedKeyError for functions, symbols, promises, cycles and objects whose state is not visible
 */
export function encodeKey(value: unknown): string {
  return shorten(encodeKeyPart(value));
}

/**
 * Key of a call whose operation has no `key` and no `keyGenerator`: no argument gives a constant, one argument its own
 * encoding, several arguments a list. Omitted trailing arguments equal `undefined` ones, as they do for default
 * parameters: `f(1)` is `f(1, undefined)`.
 */
export function encodeArguments(args: readonly unknown[]): string {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  if (given.length === 1) return encodeKey(given[0]);
  return shorten(`(${given.map((arg) => encodeKeyPart(arg)).join(',')})`);
}

/** Key of an entry of one user; never equal to a key of another user or a public key. */
export function userScopedKey(userId: string, key: string): string {
  return shorten(`@${encodeKeyPart(userId)}${key}`);
}

// No encoding begins with `#`, so a hash never equals a readable key.
function shorten(description: string): string {
  if (description.length <= READABLE_LENGTH) return description;
  return `#${createHash('sha256').update(description).digest('base64url')}`;
}
