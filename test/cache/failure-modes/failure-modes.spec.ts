import { join } from 'node:path';
import { testTitlesIn } from '../support/test-titles.js';

const HOLES = 52;

/** Holes of things that we do not have. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  11: 'L1 on other pods stays old: there is no cache within a process',
  12: 'read from a replica after an evict: all reads and leases go to the primary',
  47: 'L1 without bound: there is no cache within a process',
};

describe('the known holes of caches', () => {
  it('are each the title of one test or group of tests, or of something that we do not have', () => {
    const titles = testTitlesIn(join(import.meta.dirname, '../..'));
    const titled = titles.flatMap((title) => /^hole (\d+): /.exec(title)?.[1] ?? []);
    const numbers = [...titled, ...Object.keys(EXCEPTIONS)].map(Number).sort((one, other) => one - other);
    expect(numbers).toEqual(Array.from({ length: HOLES }, (_each, index) => index + 1));
  });
});
