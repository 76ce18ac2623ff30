import { readFileSync } from 'node:fs';
import type { Figures } from './contest.js';
import type { Contestant } from './contestants.js';

const PACKAGES: Readonly<Partial<Record<Contestant['group'], readonly string[]>>> = {
  bentocache: ['bentocache'],
  'cache-manager': ['cache-manager', '@keyv/redis'],
};
const HEADINGS = [
  'cache', 'rounds', 'reads', 'stale reads', 'rounds ended stale', 'illegal reads', 'loads', 'refused puts',
  'failed calls', 'late evicts', 'seconds',
];

/** All results side by side. */
export function table(results: readonly (Contestant & { readonly figures: Figures })[]): string {
  const rows = results.map(({ title, group, figures }) => [
    [title, ...(PACKAGES[group] ?? []).map(versionOf)].join(' '),
    ...[figures.rounds, figures.reads, figures.stale].map(String),
    `${((100 * figures.endedStale) / Math.max(1, figures.rounds)).toFixed(1)} %`,
    ...[figures.illegal, figures.loads, figures.refused, sumOf(figures.failures), figures.lateEvicts].map(String),
    figures.seconds.toFixed(0),
  ]);
  const widths = HEADINGS.map((_, at) => Math.max(...[HEADINGS, ...rows].map((row) => row[at]?.length ?? 0)));
  const pad = (cell: string, at: number) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0));
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = line(widths.map((width, at) => `${'-'.repeat(width - 1)}${at === 0 ? '-' : ':'}`));
  const failures = results.flatMap(({ title, figures }) =>
    Object.entries(figures.failures).map(([failure, times]) => `${title}, ${times} ×: ${failure}`),
  );
  return ['', line(HEADINGS), rule, ...rows.map(line), ...failures].join('\n');
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
  return version;
}
