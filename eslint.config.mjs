import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NODE_GLOBALS = [...Object.getOwnPropertyNames(globalThis), 'module', 'require'];

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.data/', 'test/openapi/schema.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Form. There is no other formatter; a door may list its exports on one line.
      'max-len': ['error', { code: 120, ignoreUrls: true, ignorePattern: '^(import|export) .* from ' }],
      quotes: ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
      semi: 'error',
      'object-shorthand': 'error',

      // Sense.
      eqeqeq: 'error',
      'no-console': 'error',
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
    files: ['**/*.spec.ts', '**/*.e2e-spec.ts', 'test/**'],
    rules: {
      // Jest's matchers (`expect.any(…)`) are any, and its mocks are methods without their object.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
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
