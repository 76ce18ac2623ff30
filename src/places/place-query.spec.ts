import { filterOf } from './place-query.js';

describe('filterOf', () => {
  it('gives one spelling to wishes that mean the same', () => {
    const one = filterOf({ q: '리필  Café', sort: 'latest' });
    expect(filterOf({ q: ' Café 리필 Café ', sort: 'latest' })).toEqual(one);
    expect(filterOf({ q: '리필 Café'.normalize('NFD'), sort: 'latest' })).toEqual(one);
    expect(one).toEqual({ category: null, district: null, words: ['Café', '리필'], sort: 'latest' });
  });

  it('keeps apart wishes that do not', () => {
    const wishes = [
      filterOf({ sort: 'latest' }),
      filterOf({ sort: 'likes' }),
      filterOf({ sort: 'latest', category: 'CAFE' }),
      filterOf({ sort: 'latest', district: '마포구' }),
      filterOf({ sort: 'latest', q: '마포구' }),
      filterOf({ sort: 'latest', q: '마포 구' }),
      // Which letters are the same in lower case is known to PostgreSQL alone.
      filterOf({ sort: 'latest', q: 'İ' }),
      filterOf({ sort: 'latest', q: 'i̇' }),
    ];
    expect(new Set(wishes.map((each) => JSON.stringify(each))).size).toBe(wishes.length);
  });
});
