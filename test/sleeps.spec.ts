import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceTexts } from './support/source-texts.js';
import { rows } from './readme/markdown.js';

const LIST = readFileSync(join(import.meta.dirname, 'SLEEPS.md'), 'utf8');

/** Counts calls of `setTimeout`, including that of `node:timers/promises` under its imported name. */
function countSleeps(text: string): number {
  const names = ['setTimeout', ...[...text.matchAll(/\bsetTimeout as (\w+)/g)].map(([, name = '']) => name)];
  const calls = new RegExp(`(?<![\\w.])(?:${names.join('|')})\\(`, 'g');
  return [...text.matchAll(calls)].length;
}

describe('test/SLEEPS.md', () => {
  it('lists the sleeps of every suite', () => {
    const found = sourceTexts(/(spec|[.]proof)[.]ts$/)
      .map(({ path, text }) => [path, countSleeps(text)] as const)
      .filter(([, count]) => count > 0);
    const listed = rows(LIST).map(([path = '', count]) => [path.replaceAll('`', ''), Number(count)]);
    expect(listed).toEqual(found);
  });

  it('gives a reason for each', () => {
    expect(rows(LIST).filter(([, , reason = '']) => reason.length < 20)).toEqual([]);
  });
});
