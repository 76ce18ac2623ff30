import { createHash } from 'node:crypto';
import { encodeKeyPart } from './encode-key-part.js';

/** Longer keys are replaced by their SHA-256, so that no argument can make a key of unlimited size. */
const READABLE_LENGTH = 200;

/**
 * The text that identifies a value among the keys of one cache: equal for equal values, in every process, and never
 * equal for different ones. Values are equal when their types and contents are: the order of an object's keys, a Map's
 * or a Set's entries does not matter, that of an array's elements does; `0` is not `-0`, `NaN` is `NaN`, `null` is not
 * `undefined`, a Date is not its text, instances of differently named classes are never equal.
 *
 * @throws UnsupportedKeyError for functions, symbols, promises, cycles and objects whose state cannot be seen
 */
export function encodeKey(value: unknown): string {
  return shorten(encodeKeyPart(value));
}

/**
 * The key of a call whose operation names none: no argument is a constant, one argument is itself, several are a list.
 * Arguments left out at the end equal `undefined` ones, as they do for default parameters: `f(1)` is `f(1, undefined)`.
 */
export function encodeArguments(args: readonly unknown[]): string {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  if (given.length === 1) return encodeKey(given[0]);
  return shorten(`(${given.map((arg) => encodeKeyPart(arg)).join(',')})`);
}

/** A key that belongs to one user: it equals neither another user's nor a public one. */
export function userScopedKey(userId: string, key: string): string {
  return shorten(`@${encodeKeyPart(userId)}${key}`);
}

// No description begins with `#`, so a hash never equals a readable key.
function shorten(description: string): string {
  if (description.length <= READABLE_LENGTH) return description;
  return `#${createHash('sha256').update(description).digest('base64url')}`;
}
