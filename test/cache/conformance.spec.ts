import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows, section } from '../readme/markdown.js';
import { testTitlesIn, type TestTitle } from './support/test-titles.js';

const FOLDER = import.meta.dirname;
const LIST = readFileSync(join(FOLDER, 'CONFORMANCE.md'), 'utf8');

interface Line {
  readonly number: number;
  readonly text: string;
  /** Relative to this folder; undefined if the line has no test, for the reason given. */
  readonly file: string | undefined;
}

function linesOf(heading: string): Line[] {
  return rows(section(LIST, heading)).map(([number, text = '', test = '']) => {
    return { number: Number(number), text, file: /\]\(([^)]+)\)/.exec(test)?.[1] };
  });
}

/** Lines by the titles that contain `<prefix> <number>: <text>`. */
function linesOfTitles(titles: readonly TestTitle[], prefix: string): Line[] {
  const lines = titles.flatMap(({ file, title }) => {
    const [, number, text] = new RegExp(`^(?:.* )?${prefix} (\\d+): (.*)$`).exec(title) ?? [];
    return number === undefined ? [] : [{ number: Number(number), text: text ?? '', file }];
  });
  return lines.sort((one, other) => one.number - other.number);
}

describe('test/cache/CONFORMANCE.md', () => {
  const titles = testTitlesIn(FOLDER);

  it.each([
    ['Behaviours', 'conformance', 125],
    ['Failure modes', 'failure mode', 52],
  ])('%s: lists each number once, with the title and file of its test', (heading, prefix, count) => {
    const lines = linesOf(heading);
    expect(lines.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_each, index) => index + 1));
    expect(linesOfTitles(titles, prefix)).toEqual(lines.filter(({ file }) => file !== undefined));
  });
});
