import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import { importX } from 'eslint-plugin-import-x';
import jest from 'eslint-plugin-jest';
import unicorn from 'eslint-plugin-unicorn';
import tseslint from 'typescript-eslint';
import { localRules } from './eslint/local-rules.mjs';

const NODE_GLOBALS = [...Object.getOwnPropertyNames(globalThis), 'module', 'require'];
const TESTS = ['**/*spec.ts', 'test/**'];
const ENVIRONMENT = 'Add the variable to src/config/env.ts, and inject Env.';
const TIMEOUT = 'Use settlesWithin or TimeLimit of src/common: they do not count delays of the event loop.';

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.data/', '.spec-groups/', 'test/openapi/schema.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX, local: localRules, unicorn },
    rules: {
      // Form. There is no other formatter.
      'max-len': ['error', { code: 120, ignoreUrls: true, ignorePattern: '^(import|export) .* from ' }],
      quotes: ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
      semi: 'error',
      'object-shorthand': 'error',
      'import-x/first': 'error',
      'import-x/no-duplicates': 'error',

      // Names.
      'unicorn/filename-case': ['error', { case: 'kebabCase' }],
      'local/file-name': 'error',

      // Size.
      'max-lines': ['error', 200],
      'max-lines-per-function': ['error', 40],

      // Sense.
      eqeqeq: 'error',
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      'local/lock-above-transaction': 'error',
      'local/no-unset-fields': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],

      // A field of a DTO needs its type written out: Nest reads it from the metadata of the compiler.
      '@typescript-eslint/no-inferrable-types': 'off',
      // It would have `!`, which we do not use.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // The fast paths count.
      '@typescript-eslint/prefer-for-of': 'off',
      // `record['key']` says that the key may be missing.
      '@typescript-eslint/dot-notation': 'off',
      // Options of Nest modules are classes by declaration and plain objects by custom.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['src/**'],
    ignores: TESTS,
    rules: {
      'import-x/no-default-export': 'error',
      'local/class-in-role-file': 'error',
      'local/constructor-parameters': 'error',
      'local/entity-in-entity-file': 'error',
      'local/hook-in-plugin': 'error',
      'local/http-only-at-the-edge': 'error',
      'local/sql-only-in-repositories': 'error',
      'local/table-ownership': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: ENVIRONMENT },
        { object: 'Promise', property: 'race', message: TIMEOUT },
        { object: 'AbortSignal', property: 'timeout', message: TIMEOUT },
      ],
      'no-restricted-imports': ['error', {
        paths: [
          ...['process', 'node:process'].map((name) => ({ name, message: ENVIRONMENT })),
          {
            name: '@nestjs/common',
            importNames: ['forwardRef'],
            message: 'Decide which of the two modules needs the other; an event can replace one direction.',
          },
          {
            name: 'class-validator',
            importNames: ['Length', 'MinLength'],
            message: 'Use Length of src/common: it counts code points, as PostgreSQL does.',
          },
        ],
        patterns: [{ group: ['@nestjs/*/*'], message: 'Import it from nest-internals.ts, which lists such parts.' }],
      }],
    },
  },
  { files: ['src/**', 'test/**', 'scripts/**', 'bench/**'], rules: { 'local/vocabulary': 'error' } },
  { files: ['**/*.{entity,dto}.ts'], rules: { 'local/no-unset-fields': 'off' } },
  { files: ['**/*.entity.ts'], rules: { 'local/entity-in-entity-file': 'off' } },
  { files: ['src/*/index.ts'], rules: { 'local/explicit-public-api': 'error' } },
  { files: ['**/dto/*.ts'], rules: { 'max-classes-per-file': ['error', 1] } },
  { files: ['src/main.ts'], rules: { 'max-lines': ['error', 25] } },
  { files: ['src/config/env.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['src/common/nest-internals.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['src/database/migrations/**'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', 300],
      // Jest's matchers (`expect.any(…)`) are any, and its mocks are methods without their object.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*spec.ts', '**/*.proof.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      // The function of a `describe` is as long as its tests.
      'max-lines-per-function': 'off',
      // Titles may be taken from a table of cases.
      'jest/valid-title': ['error', {
        disallowedWords: ['should'], ignoreTypeOfTestName: true, ignoreTypeOfDescribeName: true,
      }],
      // Spec files share their modules (ADR 0072), which another one may have loaded before.
      'jest/no-restricted-jest-methods': ['error', Object.fromEntries(
        ['mock', 'doMock', 'resetModules', 'isolateModules'].map((name) => [name, 'Use jest.spyOn.']),
      )],
      // Many tests assert through a helper that throws, or on each of several branches.
      'jest/expect-expect': 'off',
      'jest/no-conditional-expect': 'off',
      'jest/no-standalone-expect': 'off',
    },
  },
  {
    // Their types stand in comments, which `npm run types` reads; what JSON.parse gives is any there.
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off', '@typescript-eslint/no-extraneous-class': 'off' },
  },
  { files: ['scripts/**', 'bench/**', 'test/support/*.mjs'], rules: { 'no-console': 'off' } },
);
