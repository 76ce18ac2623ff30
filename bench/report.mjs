import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** The middle of the values; the mean of both middles when their number is even. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.ceil(middle - 0.5)]) / 2;
}

/** The middle of the ratios within each round: what slows a whole round down cancels out. */
export function ratioOf(ours, theirs) {
  return median(ours.map((value, round) => value / theirs[round]));
}

/** A ratio, and beside it what it should be. */
export function verdict(ratio, { atLeast, atMost }) {
  const text = ratio.toFixed(2);
  if (atLeast !== undefined) return `**${text}** (target ≥ ${atLeast.toFixed(2)}${ratio >= atLeast ? ', met' : ''})`;
  if (atMost !== undefined) return `**${text}** (target ≤ ${atMost.toFixed(2)}${ratio <= atMost ? ', met' : ''})`;
  return text;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** When, what and where: the first line of every report. */
export function heading(redisVersion, versions = []) {
  const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
  const machine = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, Redis ${redisVersion}`;
  return [
    `${new Date().toISOString()}, commit ${git('rev-parse', '--short', 'HEAD')}${changed}, ${machine}`,
    ...(versions.length > 0 ? [versions.join(', ')] : []),
  ].join('\n');
}

/** Name and version of an installed package. */
export function versionOf(name) {
  const file = join(import.meta.dirname, '../node_modules', name, 'package.json');
  return `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`;
}

/** The names in a list of the command line; ends the process when one of them is unknown. */
export function chosen(list, all) {
  const names = list.split(',').filter(Boolean);
  const unknown = names.filter((name) => !(name in all));
  if (unknown.length === 0) return names;
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}.`);
  process.exit(1);
}
