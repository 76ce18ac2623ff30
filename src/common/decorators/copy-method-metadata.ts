/**
 * Makes a function that replaces a method indistinguishable from it: copies the name, the length and all metadata set
 * by other decorators.
 */
export function copyMethodMetadata(wrapped: object, method: object): void {
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(wrapped);
  const { prototype = {} } = own;
  Object.defineProperties(wrapped, { ...Object.getOwnPropertyDescriptors(method), prototype });
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapped);
  }
}
