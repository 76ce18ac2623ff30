import { UnsupportedKeyError } from '../cache.errors.js';
import { classNameOf } from '../codec/class-name.js';
import { binaryTypes, isBytesOnly } from '../codec/binary-types.js';
import { findTypeOf } from '../codec/cache-type.decorator.js';
import { dataFieldsOf } from '../codec/data-fields.js';
import { hiddenStateOf } from '../codec/hidden-state.js';

const MAX_DEPTH = 100;

/**
 * Encodes a value so that different values have different encodings. Strings are quoted, built-in objects are
 * `Name(…)`, class instances `"Name"{…}`, lists of arguments `(…)`: no two kinds can be confused.
 */
export function encodeKeyPart(value: unknown, parents: readonly object[] = []): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : describeObject(value, parents);
    case 'symbol':
    case 'function':
      throw new UnsupportedKeyError(`a ${typeof value}`);
  }
}

function describeObject(value: object, parents: readonly object[]): string {
  if (parents.includes(value)) throw new UnsupportedKeyError('an object that contains itself');
  if (parents.length === MAX_DEPTH) throw new UnsupportedKeyError(`objects nested deeper than ${MAX_DEPTH}`);
  const inner = [...parents, value];
  const each = (one: unknown) => encodeKeyPart(one, inner);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Array.prototype) return describeArray(value as unknown[], each);
  if (prototype === null || prototype === Object.prototype) return describeFields(value, each);
  return describeBuiltIn(value, prototype, each) ?? describeInstance(value, prototype, each);
}

/** Undefined unless the value is exactly of a built-in class. */
function describeBuiltIn(value: object, prototype: object, each: (one: unknown) => string): string | undefined {
  switch (prototype) {
    case Date.prototype:
      return without(value, [], `Date(${(value as Date).getTime()})`);
    case Map.prototype: {
      const entries = [...(value as Map<unknown, unknown>)].map(([key, content]) => `${each(key)}=>${each(content)}`);
      return without(value, [], `Map(${entries.sort().join(',')})`);
    }
    case Set.prototype:
      return without(value, [], `Set(${[...(value as Set<unknown>)].map(each).sort().join(',')})`);
    case RegExp.prototype: {
      const { lastIndex } = value as RegExp;
      const position = lastIndex === 0 ? '' : `,${lastIndex}`;
      return without(value, ['lastIndex'], `RegExp(${JSON.stringify((value as RegExp).toString())}${position})`);
    }
    case URL.prototype:
      return without(value, [], `URL(${JSON.stringify((value as URL).href)})`);
    default:
      return describeBytes(value, prototype);
  }
}

/**
 * Returns the encoding of a built-in object.
 * @throws UnsupportedKeyError when it has own fields other than `known`
 */
function without(value: object, known: readonly string[], description: string): string {
  if (Reflect.ownKeys(value).length === known.length) return description;
  throw new UnsupportedKeyError(`an instance of ${classNameOf(value)} with fields of its own`);
}

function describeArray(value: readonly unknown[], each: (one: unknown) => string): string {
  const elements = Array.from(value.keys()).filter((index) => index in value);
  if (Reflect.ownKeys(value).length > elements.length + 1) throw new UnsupportedKeyError('an array with fields');
  // A hole differs from an undefined element.
  return `[${Array.from(value, (one, index) => (index in value ? each(one) : '_')).join(',')}]`;
}

function describeFields(value: object, each: (one: unknown) => string): string {
  const fields = dataFieldsOf(value);
  if (typeof fields === 'string') throw new UnsupportedKeyError(`an object with ${fields}`);
  const sorted = fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, content]) => `${JSON.stringify(name)}:${each(content)}`).join(',')}}`;
}

function describeBytes(value: object, prototype: object): string | undefined {
  const type = binaryTypes.find((each) => each.prototype === prototype);
  if (type === undefined) return undefined;
  if (!isBytesOnly(type, value)) throw new UnsupportedKeyError(`an instance of ${type.name} with fields of its own`);
  return `${type.name}(${type.write(value).toString('base64')})`;
}

function describeInstance(value: object, prototype: object, each: (one: unknown) => string): string {
  const type = findTypeOf(prototype);
  const name = type?.name ?? classNameOf(value);
  // The state of an instance without visible fields is hidden, so different instances cannot be distinguished.
  if (Object.keys(value).length === 0) throw new UnsupportedKeyError(`an instance of ${name}`);
  const hidden = hiddenStateOf(prototype);
  if (hidden !== undefined) throw new UnsupportedKeyError(`an instance of ${name}, which ${hidden}`);
  if (type === undefined && hasInheritedFields(prototype)) {
    throw new UnsupportedKeyError(`an instance of ${name}, which has fields on its prototype`);
  }
  return JSON.stringify(name) + describeFields(value, each);
}

function hasInheritedFields(prototype: object): boolean {
  if (prototype === Object.prototype) return false;
  const own = Object.values(Object.getOwnPropertyDescriptors(prototype));
  const isField = (each: PropertyDescriptor) => 'value' in each && typeof each.value !== 'function';
  return own.some(isField) || hasInheritedFields(Object.getPrototypeOf(prototype) as object);
}
