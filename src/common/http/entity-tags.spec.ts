import { isSameTag } from './entity-tags.js';

describe('isSameTag', () => {
  it.each(['"3-abc"', '"3-abc-gzip"', '"3-abc--gzip"', '"3-abc;gzip"', '"3-abc-br"', '"3-abc;x-gzip"'])(
    'is true for %s and "3-abc"',
    (tag) => {
      expect(isSameTag(tag, '"3-abc"')).toBe(true);
    },
  );

  it('is true for a hash that ends like the beginning of a suffix', () => {
    expect(isSameTag('"3-abc--gzip"', '"3-abc-"')).toBe(true);
  });

  it.each(['"3-abcd"', '"3-ab"', '"3-abc-"', '"3-abc-other"', '"4-abc-gzip"', '"-gzip"', '"3-abcgzip"'])(
    'is false for %s and "3-abc"',
    (tag) => {
      expect(isSameTag(tag, '"3-abc"')).toBe(false);
    },
  );
});
