import { acceptedVersions, InvalidIfMatchError } from './if-match.decorator.js';

const HASH = 'sUaDWGWqsMuQewzb9R34Cs';

describe('acceptedVersions', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    ['"3"', [3]],
    [`"3-${HASH}"`, [3]],
    ['"3", "5-x"', [3, 5]],
    [' ,"3",, "5" ,', [3, 5]],
    ['W/"3"', [3]],
    [`W/"3-${HASH}"`, [3]],
    [`"3-${HASH}-gzip"`, [3]],
    [`"3-${HASH}--gzip"`, [3]],
    [`"3-${HASH};gzip"`, [3]],
    [`"3-${HASH}-br"`, [3]],
    [`"3-${HASH.slice(0, -1)}--gzip"`, [3]],
    ['"3-gzip", W/"4;br"', [3, 4]],
    ['"abc"', []],
    ['"a,b", "3"', [3]],
    ['"3x"', []],
  ])('reads %p as %p', (header, versions) => {
    expect(acceptedVersions(header)).toEqual(versions);
  });

  it.each(['3', `3-${HASH}`, '', ' ', ',', '"3', '3"', 'w/"3"', '"3" "4"', '"3", 4', '*, "3"', "'3'", '"3"x'])(
    'rejects %p',
    (header) => {
      expect(() => acceptedVersions(header)).toThrow(InvalidIfMatchError);
    },
  );

  const LONG = [' '.repeat(16_000), `"3"${' '.repeat(16_000)}`, ',"3"'.repeat(4_000)];

  it.each(LONG)('takes little CPU time for a long header (%#)', (header) => {
    const before = process.cpuUsage();
    expect(() => acceptedVersions(`${header}x`)).toThrow(InvalidIfMatchError);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(100);
  });
});
