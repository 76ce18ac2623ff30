/** Why an object is more than its fields show. */
export type Opaque = 'symbol keys' | 'an accessor' | 'a non-enumerable property';

/**
 * The fields of an object if they are all there is to it: enumerable data under names that are no symbols.
 * @returns what else there is instead, if anything
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
