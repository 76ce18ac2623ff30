import { testTitlesIn } from './support/test-titles.js';

const LINES = 125;

/** Lines about things that we leave out, and why. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  112: 'an idle time to live: read again and again, an old value would live for ever; the time to live bounds it',
};

describe('the list of what a cache has to do', () => {
  it('has a test for each line, titled with its number, unless we leave it out', () => {
    const titled = testTitlesIn(import.meta.dirname).flatMap((title) => /^(\d+) /.exec(title)?.[1] ?? []);
    const tested = new Set([...titled, ...Object.keys(EXCEPTIONS)].map(Number));
    const missing = Array.from({ length: LINES }, (_each, index) => index + 1).filter((line) => !tested.has(line));
    expect(missing).toEqual([]);
  });
});
