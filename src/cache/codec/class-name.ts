/** Class name of an object, for messages and key encodings. */
export function classNameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: { readonly name?: string } };
  return constructor?.name ?? 'an unnamed class';
}
