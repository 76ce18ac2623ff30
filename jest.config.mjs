import { readFileSync, readdirSync } from 'node:fs';

/** @returns {string[]} the installed packages written as ES modules, which Jest must compile as it does our sources */
function esmPackages() {
  const folders = readdirSync('node_modules').filter((name) => !name.startsWith('.'));
  const names = folders.flatMap((name) =>
    name.startsWith('@') ? readdirSync(`node_modules/${name}`).map((inner) => `${name}/${inner}`) : [name],
  );
  return names.filter((name) => {
    try {
      return JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).type === 'module';
    } catch {
      return false;
    }
  });
}

/** CommonJS packages that `import()` an ES module, which Jest cannot do on Node 20 unless they are compiled too. */
const IMPORTERS = ['@fastify/cookie'];

const compiler = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

/** Nobody steps through packages: without their maps a suite begins a second sooner. */
const packageCompiler = { ...compiler, sourceMaps: false, jsc: { ...compiler.jsc, parser: { syntax: 'ecmascript' } } };

/** @type {import('jest').Config} */
export const base = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testEnvironment: 'node',
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  resolver: '<rootDir>/test/support/resolver.cjs',
  transform: {
    '\\.ts$': ['@swc/jest', compiler],
    '\\.m?js$': ['@swc/jest', packageCompiler],
  },
  transformIgnorePatterns: [`/node_modules/(?!.*/node_modules/)(?!(${[...esmPackages(), ...IMPORTERS].join('|')})/)`],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  maxWorkers: 2,
  testTimeout: 120_000,
};

/** @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*spec.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/browser/'],
};
