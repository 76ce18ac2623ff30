import { UndecodableValueError } from '../cache.errors.js';
import { binaryTypes } from './binary-types.js';
import { findTypeNamed } from './cache-type.decorator.js';
import { MARK } from './to-tagged.js';

type Entries = readonly (readonly [string, unknown])[];
type Reader = (first: unknown, second: unknown, third: unknown) => unknown;

const FIELD = { writable: true, enumerable: true, configurable: true };

/**
 * Decoder of each tag. Format and class versions identify the bytes as written by this cache; their content is not
 * validated.
 */
const READERS: Readonly<Record<string, Reader>> = {
  undefined: () => undefined,
  number: Number,
  bigint: (digits) => BigInt(digits as string),
  date: (time) => new Date((time as number | null) ?? NaN),
  map: (entries) => new Map((entries as Entries).map(([key, value]) => [fromTagged(key), fromTagged(value)])),
  set: (elements) => new Set((elements as readonly unknown[]).map(fromTagged)),
  regexp: (source, flags, lastIndex = 0) => Object.assign(new RegExp(source as string, flags as string), { lastIndex }),
  url: (href) => new URL(href as string),
  bytes: (name, base64) => readBytes(name as string, base64 as string),
  object: (entries) => fill({}, entries as Entries),
  'null-prototype': (entries) => fill(Object.create(null) as object, entries as Entries),
  instance: (name, version, entries) => fill(blankInstance(name as string, version as number), entries as Entries),
};

/**
 * Decodes the output of `toTagged`.
 * @throws UndecodableValueError
 */
export function fromTagged(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return readArray(json);
  const content = (json as Record<string, unknown>)[MARK];
  if (!Array.isArray(content)) return fill({}, Object.entries(json));
  const [tag, ...rest] = content as [string, ...unknown[]];
  const reader = READERS[tag];
  if (reader === undefined) throw new UndecodableValueError(`unknown tag ${JSON.stringify(tag)}`);
  return reader(rest[0], rest[1], rest[2]);
}

function readArray(json: readonly unknown[]): unknown[] {
  const elements = new Array<unknown>(json.length);
  for (const [index, one] of json.entries()) {
    if (!isHole(one)) elements[index] = fromTagged(one);
  }
  return elements;
}

function isHole(json: unknown): boolean {
  const content = (json as Record<string, unknown> | null)?.[MARK];
  return Array.isArray(content) && content[0] === 'hole';
}

function readBytes(name: string, base64: string): object {
  const type = binaryTypes.find((each) => each.name === name);
  if (type === undefined) throw new UndecodableValueError(`unknown bytes ${JSON.stringify(name)}`);
  return type.read(Buffer.from(base64, 'base64'));
}

function blankInstance(name: string, version: number): object {
  const type = findTypeNamed(name);
  if (type?.version === version) return Object.create(type.type.prototype as object) as object;
  throw new UndecodableValueError(`'${name}' version ${version} is not what this program has`);
}

function fill(target: object, entries: Entries): object {
  for (const [key, json] of entries) {
    const value = fromTagged(json);
    // Assigning to an inherited name (`__proto__`, a setter) would not create a field.
    if (key in target) Object.defineProperty(target, key, { ...FIELD, value });
    else (target as Record<string, unknown>)[key] = value;
  }
  return target;
}
