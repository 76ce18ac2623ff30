import { testTitlesIn } from './support/test-titles.js';

const LINES = 125;

describe('the list of what a cache has to do', () => {
  it('has a test for each line, titled with its number', () => {
    const titled = testTitlesIn(import.meta.dirname).flatMap((title) => /^(\d+) /.exec(title)?.[1] ?? []);
    const tested = new Set(titled.map(Number));
    const missing = Array.from({ length: LINES }, (_each, index) => index + 1).filter((line) => !tested.has(line));
    expect(missing).toEqual([]);
  });
});
