import { preferredLanguage } from './localized.js';

describe('preferredLanguage', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['ko', 'ko'],
    ['ko-KR,ko;q=0.9,en-US;q=0.8', 'ko'],
    ['en-US,en;q=0.9,ko;q=0.8', 'en'],
    ['fr, ko;q=0.3', 'ko'],
    ['en;q=0.1, ko;q=0.2', 'ko'],
    ['ko;q=0', 'en'],
    ['*', 'en'],
    [',;;q=,fr', 'en'],
    ['ko ; q=0.9 , en ; q=0.5', 'ko'],
    ['en ; q=0.9 , ko ; q=0.5', 'en'],
    ['KO-kr', 'ko'],
    ['ko;q=0.2, *;q=0.8', 'en'],
    [`${'fr;q=0.1,'.repeat(19)}ko`, 'ko'],
    [`${'fr;q=0.1,'.repeat(19)}ko;q=0.9,en`, 'ko'],
    [`${'fr;q=0.1,'.repeat(20)}ko`, 'en'],
  ])('selects for %p: %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });
});
