import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Imports that violate one rule of `.dependency-cruiser.cjs`, and no other. */
export interface Planting {
  readonly rule: string;
  /** Source by path from `src/`. */
  readonly files: Readonly<Record<string, string>>;
}

const MODULES_IN_ORDER = [
  'common', 'config', 'redis', 'database', 'observability', 'cache', 'tokens', 'rate-limit', 'locks', 'jobs',
  'health', 'users', 'auth', 'places', 'reviews', 'activity', 'notifications', 'sample-data', 'admin', 'http',
] as const;

const PACKAGES = {
  typeorm: 'dependencies',
  pg: 'dependencies',
  '@nestjs/typeorm': 'dependencies',
  '@nestjs/event-emitter': 'dependencies',
  '@nestjs/platform-fastify': 'dependencies',
  '@nestjs-cls/transactional-adapter-typeorm': 'dependencies',
  '@fastify/cookie': 'dependencies',
  fastify: 'dependencies',
  jest: 'devDependencies',
  'left-over': undefined,
} as const;

const HTTP_ROLES = [
  'controller', 'guard', 'interceptor', 'filter', 'middleware', 'strategy', 'decorator', 'pipe', 'http',
] as const;

/** Every module imports the one below it in the table. */
const DOWNWARDS: Planting[] = MODULES_IN_ORDER.slice(0, -1).map((name, position) => ({
  rule: `${name}-imports`,
  files: { [`${name}/planted-downwards.ts`]: `import '../${MODULES_IN_ORDER[position + 1] ?? ''}/index.js';` },
}));

/** Modules that import one above them which their row does not name. */
const UPWARDS: Planting[] = Object.entries({
  config: 'common',
  database: 'redis',
  observability: 'redis',
  tokens: 'cache',
  'rate-limit': 'tokens',
  locks: 'database',
  jobs: 'cache',
  health: 'cache',
  users: 'redis',
  auth: 'cache',
  places: 'redis',
  reviews: 'locks',
  activity: 'cache',
  notifications: 'cache',
  'sample-data': 'reviews',
}).map(([name, above]) => ({
  rule: `${name}-imports`,
  files: { [`${name}/planted-upwards.ts`]: `import '../${above}/index.js';` },
}));

const ANYWHERE: Planting[] = [
  { rule: 'http-imports', files: { 'http/planted.ts': "import '../app.module.js';" } },
  {
    rule: 'every-module-has-a-row',
    files: { 'newcomer/index.ts': "import './planted.js';", 'newcomer/planted.ts': '' },
  },
  { rule: 'public-api-only', files: { 'users/planted-window.ts': "import '../common/sound.js';" } },
  { rule: 'public-api-only', files: { 'planted-root.ts': "import './common/sound.js';" } },
  { rule: 'no-self-barrel', files: { 'users/planted.spec.ts': "import './index.js';" } },
  { rule: 'no-self-barrel', files: { 'users/dto/planted.spec.ts': "import '../index.js';" } },
  {
    rule: 'no-cycle',
    files: {
      'users/planted-cycle-a.ts': "import './planted-cycle-b.js';",
      'users/planted-cycle-b.ts': "import type { A } from './planted-cycle-a.js'; export type B = A;",
    },
  },
  ...['typeorm', 'pg', '@nestjs-cls/transactional-adapter-typeorm'].map((name, position) => ({
    rule: 'sql-only-in-repositories',
    files: { [`users/planted-${position}.service.ts`]: `import type { X } from '${name}'; export type Y = X;` },
  })),
  { rule: 'typeorm-module-only-in-modules', files: { 'users/planted.service.ts': "import '@nestjs/typeorm';" } },
  {
    rule: 'events-through-the-database-module',
    files: { 'users/planted.listener.ts': "import '@nestjs/event-emitter';" },
  },
  ...['fastify', '@fastify/cookie', '@nestjs/platform-fastify', 'node:http', 'node:https'].map((name, position) => ({
    rule: 'http-only-at-the-edge',
    files: { [`users/planted-http-${position}.service.ts`]: `import type { X } from '${name}'; export type Y = X;` },
  })),
  { rule: 'http-only-at-the-edge', files: { 'users/planted-http.repository.ts': "import 'fastify';" } },
  { rule: 'no-dev-dependency', files: { 'users/planted-dev.ts': "import 'jest';" } },
  { rule: 'no-unlisted-package', files: { 'users/planted-unlisted.ts': "import 'left-over';" } },
  { rule: 'no-missing-file', files: { 'users/planted-missing.ts': "import './nowhere.js';" } },
  { rule: 'no-test-code-in-production', files: { 'users/planted-support.ts': "import '../../test/support.js';" } },
  { rule: 'no-test-code-in-production', files: { 'users/planted-import.ts': "import './sound.spec.js';" } },
  { rule: 'no-orphan', files: { 'users/planted-orphan.ts': '' } },
  {
    rule: 'first-commands-need-nothing-installed',
    files: { '../scripts/start.mjs': "await import('./planted.mjs');", '../scripts/planted.mjs': "import 'pg';" },
  },
  { rule: 'no-orphan', files: { 'users/planted-island.ts': "import './sound.js';" } },
];

/** Two sets, because imports in both directions would form cycles, which are a violation of their own. */
export const PLANTINGS = [[...DOWNWARDS, ...ANYWHERE], UPWARDS] as const;

/** Allowed imports. */
const SOUND: Readonly<Record<string, string>> = {
  '../scripts/openapi.mjs': "import 'fastify';",
  'app.module.ts': '',
  'http/sound-server.ts': "import 'fastify'; import 'node:http';",
  'migrate.ts': "import './only-migrated.js';",
  'only-migrated.ts': '',
  'sample-data/load-sample-data.ts': "import 'typeorm';",
  'database/sound-data-source.ts': "import 'typeorm'; import 'pg';",
  'common/http/sound.ts': "import 'fastify';",
  'users/sound.spec.ts': "import 'jest'; import '../../test/support.js'; import 'typeorm'; import 'fastify';",
  'users/sound.repository.ts': "import 'typeorm'; import '@nestjs/typeorm'; import 'pg';",
  'users/sound.entity.ts': "import 'typeorm';",
  'users/sound.module.ts': "import '@nestjs/typeorm';",
  'users/sound-keys.ts': "import 'node:crypto';",
  'observability/access-log.ts': "import 'fastify';",
  ...Object.fromEntries(HTTP_ROLES.map((role) => [`users/sound.${role}.ts`, "import 'fastify'; import 'node:http';"])),
  ...Object.fromEntries(MODULES_IN_ORDER.map((name) => [`${name}/sound.ts`, ''])),
};

/** Writes a small project with every module and the violations to a temporary folder, and deletes it after `work`. */
export async function withFixture<T>(plantings: readonly Planting[], work: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  try {
    writePackages(write);
    const sources = Object.fromEntries([SOUND, ...plantings.map(({ files }) => files)].flatMap(Object.entries<string>));
    for (const [path, text] of [...Object.entries(sources), ...indexFiles(sources)]) write(join('src', path), text);
    return await work(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function writePackages(write: (path: string, text: string) => void): void {
  const listed = (kind: string) =>
    Object.fromEntries(Object.entries(PACKAGES).filter(([, each]) => each === kind).map(([name]) => [name, '*']));
  const lists = { dependencies: listed('dependencies'), devDependencies: listed('devDependencies') };
  write('package.json', JSON.stringify({ name: 'fixture', type: 'module', ...lists }));
  write('tsconfig.json', '{ "compilerOptions": { "module": "NodeNext" } }');
  write('test/support.ts', '');
  for (const name of Object.keys(PACKAGES)) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
}

/** Index files that import every file of their module, and a main file that imports all index files: no orphans. */
function indexFiles(sources: Readonly<Record<string, string>>): [string, string][] {
  const reached = Object.keys(sources).filter((path) => !/^[.]|spec|orphan|island|index[.]ts$/.test(path));
  const importing = (paths: readonly string[]) =>
    paths.map((path) => `import './${path.replace(/ts$/, 'js')}';`).join('\n');
  const folders = [...new Set(reached.filter((path) => path.includes('/')).map((path) => path.split('/', 1)[0] ?? ''))];
  const roots = reached.filter((path) => !path.includes('/') && !path.includes('migrate'));
  return [
    ['main.ts', importing([...folders.map((name) => `${name}/index.ts`), ...roots])],
    ...folders.filter((name) => !(`${name}/index.ts` in sources)).map((name): [string, string] => {
      const inside = reached.filter((path) => path.startsWith(`${name}/`));
      return [`${name}/index.ts`, importing(inside.map((path) => path.slice(name.length + 1)))];
    }),
  ];
}
