/** State of an object that is not a plain data field. */
export type Opaque = 'symbol keys' | 'an accessor' | 'a non-enumerable property';

/**
 * Fields of an object, provided they are all its state: enumerable data properties with string keys.
 * @returns the fields, or the first other state found
 */
export function dataFieldsOf(value: object): (readonly [name: string, content: unknown])[] | Opaque {
  const fields: (readonly [string, unknown])[] = [];
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') return 'symbol keys';
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (field === undefined || !('value' in field)) return 'an accessor';
    if (!field.enumerable) return 'a non-enumerable property';
    fields.push([key, field.value]);
  }
  return fields;
}
