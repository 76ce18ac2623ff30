import { dataFieldsOf } from './data-fields.js';

const MAX_DEPTH = 200;

/** Whether a JSON round trip reproduces this value exactly. Cycles count as too deep. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || (depth < MAX_DEPTH && isPlainObject(value, depth + 1));
    default:
      return false;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return isPlainArray(value as readonly unknown[], depth);
  if (prototype !== Object.prototype || 'toJSON' in value) return false;
  const fields = dataFieldsOf(value);
  return typeof fields !== 'string' && fields.every(([, content]) => isPlainJson(content, depth));
}

function isPlainArray(value: readonly unknown[], depth: number): boolean {
  for (let index = 0; index < value.length; index++) {
    if (!isPlainJson(value[index], depth)) return false;
  }
  return Reflect.ownKeys(value).length === value.length + 1;
}
