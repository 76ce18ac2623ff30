import { UncacheableValueError } from '../cache.errors.js';
import { classNameOf } from './class-name.js';
import { findTypeOf } from './cache-type.decorator.js';
import { binaryTypes, isBytesOnly } from './binary-types.js';
import { dataFieldsOf } from './data-fields.js';

/** Sole key of an object that represents a value without a JSON type; its content is `[tag, …]`. */
export const MARK = '$';
const MAX_DEPTH = 200;
const SIMPLE_CURE = 'return data only (or leave this method uncached)';

/** Converts a value to JSON data in which `{ "$": [tag, …] }` represents values without a JSON type. */
export function toTagged(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return numberToTagged(value);
    case 'undefined':
      return tag('undefined');
    case 'bigint':
      return tag('bigint', String(value));
    case 'object':
      return value === null ? null : objectToTagged(value, depth + 1);
    case 'symbol':
    case 'function':
      throw new UncacheableValueError(`a ${typeof value}`, SIMPLE_CURE);
  }
}

function numberToTagged(value: number): unknown {
  if (Object.is(value, -0)) return tag('number', '-0');
  return Number.isFinite(value) ? value : tag('number', String(value));
}

function objectToTagged(value: object, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new UncacheableValueError('an object too deep or within itself', SIMPLE_CURE);
  const each = (one: unknown) => toTagged(one, depth);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Array.prototype) return arrayToTagged(value as unknown[], each);
  if (prototype === Object.prototype) return plainToTagged(value, each);
  if (prototype === null) return tag('null-prototype', entriesOf(value, each));
  const bytesType = binaryTypes.find((type) => type.prototype === prototype);
  if (bytesType !== undefined && !isBytesOnly(bytesType, value)) {
    throw new UncacheableValueError(`an instance of ${bytesType.name} with fields of its own`, SIMPLE_CURE);
  }
  if (bytesType !== undefined) return tag('bytes', bytesType.name, bytesType.write(value).toString('base64'));
  return builtInToTagged(value, prototype, each) ?? instanceToTagged(value, prototype, each);
}

function builtInToTagged(value: object, prototype: object, each: (one: unknown) => unknown): unknown {
  const ownKeys = Reflect.ownKeys(value).length;
  if (ownKeys > (prototype === RegExp.prototype ? 1 : 0)) return undefined;
  switch (prototype) {
    case Date.prototype:
      return tag('date', (value as Date).getTime());
    case Map.prototype:
      return tag('map', [...(value as Map<unknown, unknown>)].map(([key, content]) => [each(key), each(content)]));
    case Set.prototype:
      return tag('set', [...(value as Set<unknown>)].map(each));
    case RegExp.prototype: {
      const { source, flags, lastIndex } = value as RegExp;
      return tag('regexp', source, flags, lastIndex);
    }
    case URL.prototype:
      return tag('url', (value as URL).href);
    default:
      return undefined;
  }
}

function instanceToTagged(value: object, prototype: object, each: (one: unknown) => unknown): unknown {
  const type = findTypeOf(prototype);
  if (type !== undefined) return tag('instance', type.name, type.version, entriesOf(value, each));
  const name = classNameOf(value);
  throw new UncacheableValueError(
    `an instance of ${name}`,
    `put @CacheType({ name: '${name}', version: 1 }) on the class, or return a plain object`,
  );
}

function arrayToTagged(value: unknown[], each: (one: unknown) => unknown): unknown {
  const elements = Array.from(value, (one, index) => (index in value ? each(one) : tag('hole')));
  if (Reflect.ownKeys(value).length > elements.filter((_element, index) => index in value).length + 1) {
    throw new UncacheableValueError('an array with named properties', SIMPLE_CURE);
  }
  return elements;
}

function plainToTagged(value: object, each: (one: unknown) => unknown): unknown {
  const entries = entriesOf(value, each);
  const needsTag = entries.some(([key]) => key === MARK || key === '__proto__');
  return needsTag ? tag('object', entries) : Object.fromEntries(entries);
}

function entriesOf(value: object, each: (one: unknown) => unknown): [string, unknown][] {
  const fields = dataFieldsOf(value);
  if (typeof fields === 'string') throw new UncacheableValueError(`an object with ${fields}`, SIMPLE_CURE);
  return fields.map(([key, content]) => [key, each(content)]);
}

function tag(name: string, ...content: unknown[]): unknown {
  return { [MARK]: [name, ...content] };
}
