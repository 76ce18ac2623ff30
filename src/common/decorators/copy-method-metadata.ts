/**
 * Makes a function that stands in the place of a method indistinguishable from it: same name and length, every piece of
 * metadata that other decorators left on it.
 */
export function copyMethodMetadata(wrapped: object, method: object): void {
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(wrapped);
  const { prototype = {} } = own;
  Object.defineProperties(wrapped, { ...Object.getOwnPropertyDescriptors(method), prototype });
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapped);
  }
}
