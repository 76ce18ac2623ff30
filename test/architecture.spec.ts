import { cruise, ROOT, type Cruise } from './architecture/import-rules.js';
import { PLANTINGS, withHouse } from './architecture/planted-imports.js';
import { NAME_RULES } from './architecture/name-rules.js';
import { SIZE_RULES } from './architecture/size-rules.js';
import { ownFiles, sourceFile } from './architecture/source-files.js';
import { SYNTAX_RULES } from './architecture/syntax-rules.js';

const CODE_RULES = [...NAME_RULES, ...SIZE_RULES, ...SYNTAX_RULES];

describe('imports', () => {
  let house: Cruise;

  beforeAll(async () => {
    house = await cruise(ROOT);
  });

  it('follow the rules of .dependency-cruiser.cjs', () => {
    expect(house.violations).toEqual([]);
  });

  it('have a planted violation for every rule', () => {
    const planted = new Set(PLANTINGS.flat().map(({ rule }) => rule));
    expect([...planted].sort()).toEqual([...house.rules].sort());
  });

  it.each(PLANTINGS)('are caught by exactly the rule they break (house %#)', async (...plantings) => {
    const { violations } = await withHouse(plantings, cruise);
    const caught = plantings.map(({ rule, files }) => {
      const here = violations.filter(({ from }) => from.replace('src/', '') in files);
      return { files: Object.keys(files), rules: [...new Set(here.map((each) => each.rule))], rule };
    });
    expect(caught).toEqual(caught.map((each) => ({ ...each, rules: [each.rule] })));
    const sources = plantings.flatMap(({ files }) => Object.keys(files).map((path) => `src/${path}`));
    expect(violations.filter(({ from }) => !sources.includes(from))).toEqual([]);
  });
});

describe('our own files', () => {
  const files = ownFiles();

  it.each(CODE_RULES)('keep the rule: $says', ({ check }) => {
    expect(check(files)).toEqual([]);
  });

  it.each(CODE_RULES)('are caught when they break the rule: $says', ({ check, planted, caught }) => {
    const problems = check(Object.entries(planted).map(([path, text]) => sourceFile(path, text)));
    expect(problems.sort()).toEqual([...caught].sort());
  });
});
