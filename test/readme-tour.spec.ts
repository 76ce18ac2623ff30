import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { loadSampleData } from '../src/sample-data/index.js';
import { ROOT } from './architecture/import-rules.js';
import { matchesOutput, runTour, tourOf } from './readme/tour.js';
import { useApp } from './support/app.js';

describe('the tour in README.md', () => {
  const steps = tourOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  const t = useApp();

  beforeAll(async () => {
    await loadSampleData(t.app.get(DataSource));
  });

  it('prints the documented responses', async () => {
    const printed = await runTour(steps, t.api.origin);
    expect(steps.map(({ commands }, at) => ({ commands, answer: printed[at] }))).toEqual(
      steps.map(({ commands, answer }, at) => ({
        commands,
        answer: matchesOutput(answer, printed[at] ?? '') ? printed[at] : answer,
      })),
    );
    expect(steps.length).toBeGreaterThan(5);
  });
});

describe('matchesOutput', () => {
  it.each([
    ['ok\n', 'ok\n', true],
    ['ok\n', 'no\n', false],
    ['{"a":…}\n', '{"a":[1]}\n', true],
    ['{"a":…}\n', '{"b":[1]}\n', false],
    ['…\n', 'one\ntwo\n', false],
    ['a.c\n', 'abc\n', false],
  ])('compares %j with %j: %j', (documented, printed, matches) => {
    expect(matchesOutput(documented, printed)).toBe(matches);
  });
});

describe('tourOf', () => {
  it('requires documented output for every step', () => {
    expect(() => tourOf('```sh tour\nls\n```\n```sh\nls\n```\n')).toThrow('No answer is written below:\nls');
  });
});
