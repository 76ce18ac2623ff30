import type { CodeRule } from './code-rule.js';
import * as sizes from './file-sizes.js';

const lines = (count: number) => Array.from({ length: count }, () => '// line').join('\n');

export const SIZE_RULES: readonly CodeRule[] = [
  {
    says: 'a file has at most 200 lines, a test 300',
    check: sizes.filesAreShort,
    planted: {
      'src/a.ts': lines(201),
      'src/a.spec.ts': lines(300),
      'test/b.ts': lines(301),
      'scripts/c.mjs': `${lines(200)}\n`,
    },
    caught: ['src/a.ts:1 has 201 lines; at most 200', 'test/b.ts:1 has 301 lines; at most 300'],
  },
  {
    says: 'main.ts has at most 25 lines',
    check: sizes.mainIsShort,
    planted: { 'src/main.ts': lines(26) },
    caught: ['src/main.ts:1 has 26 lines; at most 25'],
  },
  {
    says: 'a door has at most 15 lines',
    check: sizes.doorsAreShort,
    planted: { 'src/places/index.ts': lines(16), 'src/users/index.ts': lines(15) },
    caught: ['src/places/index.ts:1 has 16 lines; at most 15'],
  },
  {
    says: 'a door names each thing it lets out',
    check: sizes.doorsAreExplicit,
    planted: { 'src/places/index.ts': "export { A } from './a.js';\nexport * from './b.js';\nexport const c = 1;" },
    caught: [2, 3].map((line) => `src/places/index.ts:${line} is no explicit export: a door holds nothing else`),
  },
  {
    says: 'a function has at most 40 lines',
    check: sizes.functionsAreShort,
    planted: {
      'src/a.ts': `function f() {\n${lines(39)}\n}\nclass A { m = () => {\n${lines(38)}\n}; }`,
      'src/b.ts': `function f() {\n${lines(38)}\n  class B {\n${lines(9)}\n  }\n}`,
      'src/database/migrations/1-a.ts': `function up() {\n${lines(99)}\n}`,
      'src/a.spec.ts': `describe('a', () => {\n${lines(99)}\n});\nit.each([])('b', () => {\n${lines(99)}\n});`,
    },
    caught: ['src/a.ts:1 is a function of 41 lines; at most 40'],
  },
  {
    says: 'a constructor takes at most 5 dependencies',
    check: sizes.constructorsTakeFew,
    planted: { 'src/a.ts': 'class A { constructor(a, b, c, d, e, f) {} }\nclass B { constructor(a, b, c, d, e) {} }' },
    caught: ['src/a.ts:1 is a constructor of 6 parameters; at most 5'],
  },
  {
    says: 'a module folder has at most 15 files',
    check: sizes.foldersAreSmall,
    planted: Object.fromEntries(
      Array.from({ length: 31 }, (_, at) => [`src/${at < 16 ? 'places' : 'users'}/f${at}.ts`, '']),
    ),
    caught: ['src/places:1 has 16 files; at most 15 before a sub-folder'],
  },
];
