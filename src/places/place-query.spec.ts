import { normalizeFilter } from './place-query.js';

describe('normalizeFilter', () => {
  it('normalizes equivalent queries to one form', () => {
    const one = normalizeFilter({ q: '리필  Café', sort: 'latest' });
    expect(normalizeFilter({ q: ' Café 리필 Café ', sort: 'latest' })).toEqual(one);
    expect(normalizeFilter({ q: '리필 Café'.normalize('NFD'), sort: 'latest' })).toEqual(one);
    expect(one).toEqual({ category: null, district: null, words: ['Café', '리필'], sort: 'latest' });
  });

  it('distinguishes different queries', () => {
    const queries = [
      normalizeFilter({ sort: 'latest' }),
      normalizeFilter({ sort: 'likes' }),
      normalizeFilter({ sort: 'latest', category: 'CAFE' }),
      normalizeFilter({ sort: 'latest', district: '마포구' }),
      normalizeFilter({ sort: 'latest', q: '마포구' }),
      normalizeFilter({ sort: 'latest', q: '마포 구' }),
      // Only PostgreSQL decides which letters are equal in lower case.
      normalizeFilter({ sort: 'latest', q: 'İ' }),
      normalizeFilter({ sort: 'latest', q: 'i̇' }),
    ];
    expect(new Set(queries.map((each) => JSON.stringify(each))).size).toBe(queries.length);
  });
});
