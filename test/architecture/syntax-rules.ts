import type { CodeRule } from './code-rule.js';
import * as syntax from './forbidden-syntax.js';
import { firstCommandsNeedNothingInstalled } from './script-imports.js';

export const SYNTAX_RULES: readonly CodeRule[] = [
  {
    says: 'nothing is any',
    check: syntax.nothingIsAny,
    planted: { 'src/a.ts': 'let a: any;\nlet b: Record<string, any>;\nlet c = 1 as any;\nlet any: unknown;' },
    caught: [1, 2, 3].map((line) => `src/a.ts:${line} is any: say what it is, or unknown`),
  },
  {
    says: 'no value is assumed to be there',
    check: syntax.nothingIsAssumedToBeThere,
    planted: {
      'src/a.ts': 'a!.b;\nclass A {\n@Inject() b!: B;\nc!: C;\n}\nlet d!: D;',
      'src/a.entity.ts': 'class A { id!: number }',
      'src/a.dto.ts': 'class A { id!: number }',
    },
    caught: [
      'src/a.ts:1 asserts with ! that a value is there: check it',
      ...[4, 6].map((line) => `src/a.ts:${line} is declared with ! outside entities, DTOs and injected fields`),
    ],
  },
  {
    says: 'only config/env.ts reads the environment',
    check: syntax.onlyConfigReadsTheEnvironment,
    planted: {
      'src/a.ts': [
        'process.env.PORT;',
        'const { env } = process;',
        "process.env['PORT'];",
        "import { env as e } from 'node:process';",
      ].join('\n'),
      'src/config/env.ts': 'process.env',
      'test/a.ts': 'process.env',
    },
    caught: [1, 2, 3, 4].map((line) => `src/a.ts:${line} reads the environment: only src/config/env.ts may`),
  },
  {
    says: 'lengths count code points',
    check: syntax.lengthsCountCodePoints,
    planted: {
      'src/a.ts': "import { IsString, Length, MinLength as M } from 'class-validator';",
      'src/b.ts': "import { Length } from './common/index.js';",
      'test/a.ts': "import { Length } from 'class-validator';",
    },
    caught: ['Length', 'MinLength'].map(
      (name) => `src/a.ts:1 imports ${name} of class-validator: use Length of src/common`,
    ),
  },
  {
    says: 'no module is forwarded',
    check: syntax.nothingIsForwarded,
    planted: { 'src/a.ts': '@Inject(forwardRef(() => B)) b;' },
    caught: ['src/a.ts:1 uses forwardRef: decide who needs whom'],
  },
  {
    says: 'a lock is given back after its transaction has ended',
    check: syntax.locksStandAboveTransactions,
    planted: {
      'src/a.ts': [
        'class A {',
        "@Locked('a', { ttl: '1s' }) @Transactional() a() {}",
        "@Transactional() @Locked('b', { ttl: '1s' }) b() {}",
        '@Transactional() c() {}',
        '}',
      ].join('\n'),
    },
    caught: ['src/a.ts:3 has @Locked beneath @Transactional: the lock would be free before the commit'],
  },
  {
    says: 'HTTP is spoken only in controllers, guards, interceptors and filters',
    check: syntax.onlyTheHttpRoomSpeaksHttp,
    planted: Object.fromEntries(
      ['service', 'repository', 'errors', 'controller', 'guard'].map((role) => [
        `src/places/places.${role}.ts`,
        "import { Injectable, NotFoundException as N, HttpStatus } from '@nestjs/common';",
      ]),
    ),
    caught: ['service', 'repository', 'errors'].flatMap((role) =>
      ['NotFoundException', 'HttpStatus'].map(
        (name) => `src/places/places.${role}.ts:1 imports ${name}: HTTP is not spoken here`,
      ),
    ),
  },
  {
    says: 'SQL is spoken only in repositories, entities and database/',
    check: syntax.onlyTheSqlRoomSpeaksSql,
    planted: {
      'src/places/places.service.ts': [
        "'SELECT * FROM place';",
        '`DELETE FROM place WHERE id = ${id}`;',
        "'UPDATE place SET a = 1';",
        "'Select a place from the list';",
        "'with love';",
      ].join('\n'),
      'src/places/places.repository.ts': "'SELECT * FROM place'",
      'src/database/migrations/1-places.ts': "'CREATE TABLE place ()'",
      'src/places/places.job.ts': "'INSERT INTO place VALUES (1)';\n'CREATE INDEX i ON place (id)';\n'Create a place';",
    },
    caught: [
      ...[1, 2, 3].map((line) => `src/places/places.service.ts:${line} is SQL: it belongs in a repository`),
      ...[1, 2].map((line) => `src/places/places.job.ts:${line} is SQL: it belongs in a repository`),
    ],
  },
  {
    says: 'nothing is left for later',
    check: syntax.nothingIsLeftForLater,
    planted: { 'src/a.ts': ['ok', '// TO' + 'DO: later', '/* FIX' + 'ME */', 'mastodon'].join('\n') },
    caught: [2, 3].map((line) => `src/a.ts:${line} is left for later`),
  },
  {
    says: 'names of tests are sentences without "should"',
    check: syntax.testsReadAsSentences,
    planted: { 'src/a.spec.ts': "it('should work', f);\nit('works', f);\ndescribe.each([])('what should be', f);" },
    caught: [1, 3].map((line) => `src/a.spec.ts:${line} says "should": say what it does`),
  },
  {
    says: 'the first commands on a fresh clone import nothing but Node and each other',
    check: firstCommandsNeedNothingInstalled,
    planted: {
      'scripts/start.mjs': "import 'node:fs';\nawait import('./b.mjs');\nawait import('execa');",
      'scripts/b.mjs': "import 'pg';",
      'scripts/openapi.mjs': "import '@nestjs/core';",
    },
    caught: [
      'scripts/start.mjs:3 imports execa: it runs before npm ci',
      'scripts/b.mjs:1 imports pg: it runs before npm ci',
    ],
  },
];
