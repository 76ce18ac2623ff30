import { readFileSync } from 'node:fs';
import type { RaceResult } from './run-race.js';
import type { Variant } from './variants.js';

const PACKAGES: Readonly<Partial<Record<Variant['group'], readonly string[]>>> = {
  bentocache: ['bentocache'],
  'cache-manager': ['cache-manager', '@keyv/redis'],
};
const HEADINGS = [
  'cache', 'rounds', 'reads', 'stale reads', 'rounds ended stale', 'illegal reads', 'loads', 'refused puts',
  'failed calls', 'late evictions', 'seconds',
];

/** All results side by side. */
export function table(results: readonly (Variant & { readonly result: RaceResult })[]): string {
  const rows = results.map(({ title, group, result }) => [
    [title, ...(PACKAGES[group] ?? []).map(versionOf)].join(' '),
    ...[result.rounds, result.reads, result.stale].map(String),
    `${((100 * result.endedStale) / Math.max(1, result.rounds)).toFixed(1)} %`,
    ...[result.illegal, result.loads, result.refused, sum(result.failures), result.lateEvictions].map(String),
    result.seconds.toFixed(0),
  ]);
  const widths = HEADINGS.map((_, at) => Math.max(...[HEADINGS, ...rows].map((row) => row[at]?.length ?? 0)));
  const pad = (cell: string, at: number) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0));
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = line(widths.map((width, at) => `${'-'.repeat(width - 1)}${at === 0 ? '-' : ':'}`));
  const failures = results.flatMap(({ title, result }) =>
    Object.entries(result.failures).map(([failure, times]) => `${title}, ${times} ×: ${failure}`),
  );
  return ['', line(HEADINGS), rule, ...rows.map(line), ...failures].join('\n');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
  return version;
}
