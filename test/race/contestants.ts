/** Which cache stands between actors and rows. */
export interface Contestant {
  readonly name: string;
  /** What `--only` calls it. */
  readonly group: 'ours' | 'guards-off' | 'bentocache' | 'cache-manager';
  readonly title: string;
}

export const CONTESTANTS = [
  { name: 'ours', group: 'ours', title: 'ours' },
  { name: 'no-lease', group: 'guards-off', title: 'ours without leases' },
  { name: 'no-stamps', group: 'guards-off', title: 'ours without stamps' },
  { name: 'no-after-commit', group: 'guards-off', title: 'ours not waiting for the commit' },
  { name: 'bentocache', group: 'bentocache', title: 'BentoCache' },
  { name: 'cache-manager', group: 'cache-manager', title: 'cache-manager + @keyv/redis' },
] as const satisfies readonly Contestant[];

export type ContestantName = (typeof CONTESTANTS)[number]['name'];
