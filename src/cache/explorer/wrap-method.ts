type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * Puts a function in the place of a method that cannot be told from it: same name and length, every piece of metadata
 * that other decorators left on it, whatever the order they were written in. Called without `this`, it uses `host`.
 *
 * @param host an instance, or a prototype whose instances are to share the function
 */
export function wrapMethod(
  host: object,
  name: string | symbol,
  around: (target: object, args: unknown[], proceed: () => Promise<unknown>) => Promise<unknown>,
): void {
  const method = Reflect.get(host, name) as Method;
  const wrapped = function (this: object | undefined, ...args: unknown[]): Promise<unknown> {
    const target = this ?? host;
    return around(target, args, () => method.apply(target, args));
  };
  const { prototype = {} } = Object.getOwnPropertyDescriptors(wrapped);
  Object.defineProperties(wrapped, { ...Object.getOwnPropertyDescriptors(method), prototype });
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapped);
  }
  Object.defineProperty(host, name, { value: wrapped, writable: true, configurable: true, enumerable: false });
}
