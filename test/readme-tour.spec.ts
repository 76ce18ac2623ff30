import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { loadSampleData } from '../src/sample-data/index.js';
import { ROOT } from './architecture/import-rules.js';
import { isAnswer, takeTour, tourOf } from './readme/tour.js';
import { useApp } from './support/app.js';

describe('the tour in README.md', () => {
  const stops = tourOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  const t = useApp();

  beforeAll(async () => {
    await loadSampleData(t.app.get(DataSource));
  });

  it('prints the documented responses', async () => {
    const printed = await takeTour(stops, t.api.origin);
    expect(stops.map(({ commands }, at) => ({ commands, answer: printed[at] }))).toEqual(
      stops.map(({ commands, answer }, at) => ({
        commands,
        answer: isAnswer(answer, printed[at] ?? '') ? printed[at] : answer,
      })),
    );
    expect(stops.length).toBeGreaterThan(5);
  });
});

describe('the comparison of a response', () => {
  it.each([
    ['ok\n', 'ok\n', true],
    ['ok\n', 'no\n', false],
    ['{"a":…}\n', '{"a":[1]}\n', true],
    ['{"a":…}\n', '{"b":[1]}\n', false],
    ['…\n', 'one\ntwo\n', false],
    ['a.c\n', 'abc\n', false],
  ])('of %j with %j is %j', (written, printed, same) => {
    expect(isAnswer(written, printed)).toBe(same);
  });

  it('requires a response for every step', () => {
    expect(() => tourOf('```sh tour\nls\n```\n```sh\nls\n```\n')).toThrow('No answer is written below:\nls');
  });
});
