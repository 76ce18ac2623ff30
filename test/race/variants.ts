/** A cache under test, or ours without one of its guards. */
export interface Variant {
  readonly name: string;
  /** Value of `--only`. */
  readonly group: 'ours' | 'guards-off' | 'bentocache' | 'cache-manager';
  readonly title: string;
}

export const VARIANTS = [
  { name: 'ours', group: 'ours', title: 'ours' },
  { name: 'no-lease', group: 'guards-off', title: 'ours without leases' },
  { name: 'no-stamps', group: 'guards-off', title: 'ours without stamps' },
  { name: 'no-after-commit', group: 'guards-off', title: 'ours not waiting for the commit' },
  { name: 'bentocache', group: 'bentocache', title: 'BentoCache' },
  { name: 'cache-manager', group: 'cache-manager', title: 'cache-manager + @keyv/redis' },
] as const satisfies readonly Variant[];

export type VariantName = (typeof VARIANTS)[number]['name'];
