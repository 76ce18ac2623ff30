import { UnsupportedKeyError } from '../cache.errors.js';
import { classNameOf } from '../codec/class-name.js';
import { findTypeOf } from '../codec/cache-type.decorator.js';

const MAX_DEPTH = 100;

/**
 * Writes a value down so that different values read differently. Strings stand in quotes, built-in objects are
 * `Name(…)`, class instances `"Name"{…}`, lists of arguments `(…)`: no two kinds can be taken for one another.
 */
export function describeKeyValue(value: unknown, parents: readonly object[] = []): string {
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
  const each = (one: unknown) => describeKeyValue(one, inner);
  if (Array.isArray(value)) return describeArray(value, each);
  switch (Object.getPrototypeOf(value)) {
    case null:
    case Object.prototype:
      return describeFields(value, each);
    case Date.prototype:
      return `Date(${(value as Date).getTime()})`;
    case Map.prototype:
      return `Map(${[...(value as Map<unknown, unknown>)].map(([k, v]) => `${each(k)}=>${each(v)}`).sort().join(',')})`;
    case Set.prototype:
      return `Set(${[...(value as Set<unknown>)].map(each).sort().join(',')})`;
    case RegExp.prototype:
      return `RegExp(${JSON.stringify((value as RegExp).toString())})`;
    case URL.prototype:
      return `URL(${JSON.stringify((value as URL).href)})`;
    default:
      return describeBytes(value) ?? describeInstance(value, each);
  }
}

function describeArray(value: readonly unknown[], each: (one: unknown) => string): string {
  // A hole is not an undefined element.
  return `[${Array.from(value, (one, index) => (index in value ? each(one) : '_')).join(',')}]`;
}

function describeFields(value: object, each: (one: unknown) => string): string {
  if (Object.getOwnPropertySymbols(value).length > 0) throw new UnsupportedKeyError('an object with symbols for keys');
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, content]) => `${JSON.stringify(name)}:${each(content)}`).join(',')}}`;
}

function describeBytes(value: object): string | undefined {
  const buffer = value instanceof ArrayBuffer ? value : ArrayBuffer.isView(value) ? value.buffer : undefined;
  if (buffer === undefined) return undefined;
  const [offset, length] = ArrayBuffer.isView(value) ? [value.byteOffset, value.byteLength] : [0, undefined];
  return `${classNameOf(value)}(${Buffer.from(buffer, offset, length).toString('base64')})`;
}

function describeInstance(value: object, each: (one: unknown) => string): string {
  const prototype = Object.getPrototypeOf(value) as object;
  const name = findTypeOf(prototype)?.name ?? classNameOf(value);
  // An instance without visible fields keeps its state where two different ones cannot be told apart.
  if (Object.keys(value).length === 0) throw new UnsupportedKeyError(`an instance of ${name}`);
  return JSON.stringify(name) + describeFields(value, each);
}
