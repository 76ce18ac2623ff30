import { acceptedVersions } from './if-match.decorator.js';

describe('acceptedVersions', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    ['"3"', [3]],
    ['"3-sUaDWGWqsMuQewzb9R34Cs"', [3]],
    ['"3", "5-x"', [3, 5]],
    ['3', []],
    ['W/"3"', []],
    ['"abc"', []],
    ['', []],
  ])('reads %p as %p', (header, versions) => {
    expect(acceptedVersions(header)).toEqual(versions);
  });
});
