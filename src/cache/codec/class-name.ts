/** The name of the class of an object, for people. */
export function classNameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: { readonly name?: string } };
  return constructor?.name ?? 'an unnamed class';
}
