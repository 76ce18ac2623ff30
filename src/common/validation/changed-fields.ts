import { isDeepStrictEqual } from 'node:util';

/**
 * The changes that differ from the current values. Omitted fields (`undefined`) are ignored; objects are compared as
 * JSON, regardless of their classes and the order of their fields.
 *
 * @example changedFields(place, { name: place.name, phone: null }) // { phone: null } when it has a phone
 */
export function changedFields<T extends object, C extends Partial<T>>(current: T, changes: C): Partial<C> {
  const real = Object.entries(changes).filter(([field, value]) => {
    return value !== undefined && !isDeepStrictEqual(asJson(value), asJson(current[field as keyof T]));
  });
  return Object.fromEntries(real) as Partial<C>;
}

function asJson(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}
