/** Returns a value that a hook sets; throws when it is read before that, such as in the body of a `describe`. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('only available in hooks and tests');
  return value;
}
