/** Code that violates a rule of ESLint. */
export interface CodePlanting {
  readonly rule: string;
  /** Source by path. */
  readonly files: Readonly<Record<string, string>>;
  /** `path:line` of each violation; other lines and files do not violate the rule. */
  readonly caught: readonly string[];
}

const lines = (count: number) => Array.from({ length: count }, () => '// line').join('\n');

const NAMES: readonly CodePlanting[] = [
  {
    rule: 'unicorn/filename-case',
    files: { 'src/placeSorter.ts': '', 'src/place-sorter.ts': '', '.dependency-cruiser.cjs': '' },
    caught: ['src/placeSorter.ts:1'],
  },
  {
    rule: 'local/file-name',
    files: {
      'src/places/places.manager.ts': '',
      'src/activity/rank-places.job.ts': '',
      'src/utils/x.ts': '',
      'src/x.helper.ts': '',
      'test/shared/x.ts': '',
      'src/core.ts': '',
      'src/misc.ts': '',
      'src/hard-core.ts': '',
    },
    caught: [
      'src/places/places.manager.ts:1', 'src/utils/x.ts:1', 'src/x.helper.ts:1', 'src/x.helper.ts:1',
      'test/shared/x.ts:1', 'src/core.ts:1', 'src/misc.ts:1',
    ],
  },
  {
    rule: 'local/class-in-role-file',
    files: {
      'src/places/places.ts': 'export class PlacesService {}',
      'src/places/places.controller.ts': 'export class Places {}',
      'src/places/places.service.ts': 'export class PlacesService {} class Near {}',
      'src/places/places.service.spec.ts': 'export class PlacesService {}',
    },
    caught: ['src/places/places.ts:1', 'src/places/places.controller.ts:1'],
  },
  {
    rule: 'local/entity-in-entity-file',
    files: { 'src/place.ts': '@Entity()\nclass Place {}', 'src/place.entity.ts': '@Entity()\nclass Place {}' },
    caught: ['src/place.ts:1'],
  },
  {
    rule: 'max-classes-per-file',
    files: { 'src/places/dto/place.dto.ts': 'export class PlaceDto {}\nexport class PlacesDto {}' },
    caught: ['src/places/dto/place.dto.ts:1'],
  },
  {
    rule: 'jest/valid-title',
    files: { 'src/a.spec.ts': "it('should work', f);\nit('works', f);\ndescribe.each([])('what should be', f);" },
    caught: ['src/a.spec.ts:1', 'src/a.spec.ts:3'],
  },
  {
    rule: 'local/vocabulary',
    /* eslint-disable local/vocabulary -- The violations are in this file, which is linted too. */
    files: {
      'src/a.ts': [
        'const toldAt = 1;',
        'const KEPT_S = 1;',
        'class Evicts { #wish = 1; }',
        '// A machine and his friend.',
        '/** So many are read at a time. */',
        '// An evict that failed.',
        "log('Redis is away');",
        'log(`a patience of ${a} ms`);',
        "const mode = 'away';",
        'const { keptAlive, foretold, evicted, thehe } = evict(told);',
        '// The store keeps it. An eviction; it evicts.',
      ].join('\n'),
      ...{ 'scripts/a.mjs': '// It says goodbye.', 'bench/a.mjs': '// With haste.' },
      ...{ 'test/a.ts': '// Told.', 'eslint/a.mjs': '// Told.' },
    },
    /* eslint-enable local/vocabulary */
    caught: [
      ...[1, 2, 3, 3, 4, 5, 6, 7, 8, 10, 10].map((line) => `src/a.ts:${line}`),
      ...['scripts/a.mjs:1', 'bench/a.mjs:1', 'test/a.ts:1'],
    ],
  },
];

const SIZES: readonly CodePlanting[] = [
  {
    rule: 'max-lines',
    files: {
      'src/a.ts': lines(201),
      'src/a.spec.ts': lines(300),
      'test/b.ts': lines(301),
      'scripts/c.mjs': `${lines(200)}\n`,
      'src/main.ts': lines(26),
    },
    caught: ['src/a.ts:201', 'test/b.ts:301', 'src/main.ts:26'],
  },
  {
    rule: 'max-lines-per-function',
    files: {
      'src/a.ts': `function f() {\n${lines(39)}\n}\nclass A { m = () => {\n${lines(38)}\n}; }`,
      'src/database/migrations/1-a.ts': `function up() {\n${lines(99)}\n}`,
      'src/a.spec.ts': `describe('a', () => {\n${lines(99)}\n});`,
    },
    caught: ['src/a.ts:1'],
  },
  {
    rule: 'local/constructor-parameters',
    files: { 'src/a.ts': 'class A { constructor(a, b, c, d, e, f) {} }\nclass B { constructor(a, b, c, d, e) {} }' },
    caught: ['src/a.ts:1'],
  },
  { rule: 'max-len', files: { 'src/a.ts': `const a = '${'a'.repeat(120)}';\n` }, caught: ['src/a.ts:1'] },
];

const PLACES: readonly CodePlanting[] = [
  {
    rule: 'no-restricted-properties',
    files: {
      'src/a.ts': [
        'process.env.PORT;',
        'const { env } = process;',
        "process['env'];",
        'Promise.race([reply, timer]);',
        'AbortSignal.timeout(1_000);',
      ].join('\n'),
      'src/config/env.ts': 'process.env;',
      'test/a.ts': 'process.env;',
    },
    caught: [1, 2, 3, 4, 5].map((line) => `src/a.ts:${line}`),
  },
  {
    rule: 'no-restricted-imports',
    files: {
      'src/a.ts': [
        "import { env as e } from 'node:process';",
        "import { Inject, forwardRef } from '@nestjs/common';",
        "import { IsString, Length, MinLength as M } from 'class-validator';",
        "import { Length as L } from './common/index.js';",
        "import { GUARDS_METADATA } from '@nestjs/common/constants.js';",
      ].join('\n'),
      'src/common/nest-internals.ts': "export { GUARDS_METADATA } from '@nestjs/common/constants.js';",
      'test/a.ts': "import { Length } from 'class-validator';",
    },
    caught: [1, 2, 3, 3, 5].map((line) => `src/a.ts:${line}`),
  },
  {
    rule: 'local/hook-in-plugin',
    files: Object.fromEntries(
      ['a', 'a.http', 'a.plugin'].map((name) => [`src/${name}.ts`, "server.addHook('onRequest', check);"]),
    ),
    caught: ['src/a.ts:1', 'src/a.http.ts:1'],
  },
  {
    rule: 'local/http-only-at-the-edge',
    files: Object.fromEntries(
      ['service', 'repository', 'errors', 'controller', 'guard'].map((role) => [
        `src/places/places.${role}.ts`,
        "import { Injectable, NotFoundException as N, HttpStatus } from '@nestjs/common';",
      ]),
    ),
    caught: ['service', 'service', 'repository', 'repository', 'errors', 'errors'].map(
      (role) => `src/places/places.${role}.ts:1`,
    ),
  },
  {
    rule: 'local/table-ownership',
    files: {
      'src/places/places.repository.ts': [
        "a('SELECT id FROM place JOIN place_like ON place_id = id');",
        "a('SELECT id FROM app_user FOR KEY SHARE');",
        "query.innerJoin('review', 'r');",
        'a(`WITH a AS (${b}), c AS (DELETE FROM review WHERE id = ${d}) SELECT FROM c, outbox`);',
        "a('review_id, reviews, review-liked');",
      ].join('\n'),
      'src/places/place.entity.ts': "@ForeignKey('app_user')\nclass A {}\n@Entity('review')\nclass B {}",
      'src/database/fencing-tokens.ts': "a('SELECT FROM lock_fence, place');",
      'src/database/migrations/1-reviews.ts': "a('DROP TABLE review');",
      'src/notifications/notifications.repository.ts': "a('SELECT FROM app_user');\na('SELECT FROM place');",
    },
    caught: [
      ...[2, 3, 4, 4].map((line) => `src/places/places.repository.ts:${line}`),
      'src/places/place.entity.ts:3', 'src/database/fencing-tokens.ts:1',
      'src/notifications/notifications.repository.ts:2',
    ],
  },
  {
    rule: 'local/sql-only-in-repositories',
    files: {
      'src/places/places.service.ts': [
        "a('SELECT * FROM place');",
        'a(`DELETE FROM place WHERE id = ${id}`);',
        "a('UPDATE place SET a = 1');",
        "a('Select a place from the list');",
        "a('with love');",
      ].join('\n'),
      'src/places/places.job.ts': [
        "a('INSERT INTO place VALUES (1)');",
        'a(`\n  CREATE INDEX i ON place (id)`);',
        "a('Create it');",
      ].join('\n'),
      'src/places/places.repository.ts': "a('SELECT * FROM place')",
      'src/database/migrations/1-places.ts': "a('CREATE TABLE place ()')",
    },
    caught: [
      ...[1, 2, 3].map((line) => `src/places/places.service.ts:${line}`),
      ...[1, 2].map((line) => `src/places/places.job.ts:${line}`),
    ],
  },
  {
    rule: 'local/explicit-public-api',
    files: {
      'src/places/index.ts': [
        "export { A } from './a.js';",
        "export * from './b.js';",
        'export const c = 1;',
        "import './d.js';",
      ].join('\n'),
      'src/places/marks/index.ts': "export * from './b.js';",
    },
    caught: [2, 3, 4].map((line) => `src/places/index.ts:${line}`),
  },
  {
    rule: 'import-x/no-default-export',
    files: { 'src/a.ts': 'export default 1;', 'jest.config.mjs': 'export default {};' },
    caught: ['src/a.ts:1'],
  },
];

const SYNTAX: readonly CodePlanting[] = [
  {
    rule: '@typescript-eslint/no-explicit-any',
    files: { 'src/a.ts': 'let a: any;\nlet b: Record<string, any>;\nlet c = 1 as any;\nlet any: unknown;' },
    caught: [1, 2, 3].map((line) => `src/a.ts:${line}`),
  },
  { rule: '@typescript-eslint/no-non-null-assertion', files: { 'src/a.ts': 'a!.b;' }, caught: ['src/a.ts:1'] },
  {
    rule: 'local/no-unset-fields',
    files: {
      'src/a.ts': 'class A {\n@Inject() b!: B;\nc!: C;\n}\nlet d!: D;',
      'src/a.entity.ts': 'class A { id!: number }',
      'src/a.dto.ts': 'class A { id!: number }',
    },
    caught: ['src/a.ts:3', 'src/a.ts:5'],
  },
  {
    rule: 'local/lock-above-transaction',
    files: {
      'src/a.ts': [
        'class A {',
        "@Locked('a', { ttl: '1s' }) @Transactional() a() {}",
        "@Transactional() @Locked('b', { ttl: '1s' }) b() {}",
        '@Transactional() c() {}',
        '}',
      ].join('\n'),
    },
    caught: ['src/a.ts:3'],
  },
  {
    rule: 'no-warning-comments',
    // In two parts, since this file is linted too.
    files: { 'src/a.ts': ['ok', '// TO' + 'DO: later', '/* see FIX' + 'ME */', '// mastodon'].join('\n') },
    caught: [2, 3].map((line) => `src/a.ts:${line}`),
  },
  { rule: 'import-x/first', files: { 'src/a.ts': "a();\nimport { a } from './a.js';" }, caught: ['src/a.ts:2'] },
  {
    rule: 'import-x/no-duplicates',
    files: { 'src/a.ts': "import { a } from './b.js';\nimport type { B } from './b.js';\nimport { c } from './b.js';" },
    caught: ['src/a.ts:1', 'src/a.ts:3'],
  },
  { rule: 'quotes', files: { 'src/a.ts': 'a("b");' }, caught: ['src/a.ts:1'] },
  { rule: 'semi', files: { 'src/a.ts': 'a()' }, caught: ['src/a.ts:1'] },
  { rule: 'object-shorthand', files: { 'src/a.ts': 'a({ b: b });' }, caught: ['src/a.ts:1'] },
  { rule: 'eqeqeq', files: { 'src/a.ts': 'a(b == c);' }, caught: ['src/a.ts:1'] },
  {
    rule: 'no-console',
    files: { 'src/a.ts': 'console.log(1);', 'scripts/a.mjs': 'console.log(1);' },
    caught: ['src/a.ts:1'],
  },
  {
    rule: '@typescript-eslint/consistent-type-imports',
    files: { 'src/a.ts': "import { A } from './b.js';\nexport type B = A;" },
    caught: ['src/a.ts:1'],
  },
  {
    rule: '@typescript-eslint/no-extraneous-class',
    files: { 'src/a.ts': 'export class A {}\n@Module({})\nexport class B {}' },
    caught: ['src/a.ts:1'],
  },
  { rule: '@typescript-eslint/no-unused-vars', files: { 'src/a.ts': 'let a;\nlet _b;' }, caught: ['src/a.ts:1'] },
  { rule: 'jest/no-focused-tests', files: { 'test/a.spec.ts': "it.only('works', f);" }, caught: ['test/a.spec.ts:1'] },
  {
    rule: 'jest/no-restricted-jest-methods',
    files: { 'test/a.spec.ts': "jest.mock('b');" },
    caught: ['test/a.spec.ts:1'],
  },
];

export const CODE_PLANTINGS: readonly CodePlanting[] = [...NAMES, ...SIZES, ...PLACES, ...SYNTAX];
