const layers = require('./eslint/layers.cjs');

/**
 * The architecture: who may import whom. A row may name only rows above it, so the modules cannot form a cycle.
 * Where it differs from what one would expect, docs/adr/0001-modular-monolith-with-enforced-boundaries.md says why.
 */
const MAY_IMPORT = {
  common: '',
  config: '',
  redis: 'common config',
  database: 'common config',
  observability: 'common',
  cache: 'common config database redis observability',
  tokens: 'common config redis',
  'rate-limit': 'common config redis observability',
  locks: 'common config redis',
  jobs: 'common config redis database observability',
  health: 'common database observability redis',
  users: 'common cache database',
  auth: 'common config database users tokens rate-limit',
  places: 'common cache database rate-limit users',
  reviews: 'common cache database rate-limit users places',
  activity: 'common redis database observability locks jobs users places reviews',
  notifications: 'common config redis database observability tokens rate-limit users auth places reviews',
  'sample-data': 'database auth places',
  admin: 'any',
  http: 'any',
};

const MODULES = Object.keys(MAY_IMPORT);
const SPEC = '[.]spec[.]ts$';
const ENTRY_POINTS = '^src/(main|migrate|worker)[.]ts$';

const moduleRules = Object.entries(MAY_IMPORT).map(([name, row], position) => {
  const rowsAbove = MODULES.slice(0, position);
  const allowed = row === 'any' ? rowsAbove : row.split(' ').filter(Boolean);
  const notAbove = allowed.filter((each) => !rowsAbove.includes(each));
  if (notAbove.length > 0) throw new Error(`The row of ${name} names ${notAbove.join(', ')}, which is no row above it`);
  return {
    name: `${name}-imports`,
    comment: `${name} may import: ${allowed.join(', ') || 'nothing'}. Another row is a decision: see docs/adr/.`,
    severity: 'error',
    from: { path: `^src/${name}/` },
    to: { path: '^src/', pathNot: `^src/(${[name, ...allowed].join('|')})/` },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...moduleRules,
    {
      name: 'every-module-has-a-row',
      comment: 'A new module gets a row in MAY_IMPORT first: whom may it import, and who imports it?',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${MODULES.join('|')})/` },
      to: {},
    },
    {
      name: 'public-api-only',
      comment: 'Import another module through its index.ts; export there what is missing, if others should use it.',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index[.]ts$'] },
    },
    {
      name: 'no-self-barrel',
      comment: 'Inside a module, import the file itself: its own index.ts would form a cycle.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/$1/index[.]ts$' },
    },
    {
      name: 'no-cycle',
      comment: 'Merge files that need each other, or move what both need to a third.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'sql-only-in-repositories',
      comment: 'SQL and TypeORM belong in repositories, entities and src/database/: move the query there.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...layers.sql, SPEC] },
      to: { path: 'node_modules/(typeorm|pg|@nestjs-cls/transactional-adapter-typeorm)/' },
    },
    {
      name: 'typeorm-module-only-in-modules',
      comment: '@nestjs/typeorm is for repositories, and for forFeature in a module file.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...layers.sql, '[.]module[.]ts$', SPEC] },
      to: { path: 'node_modules/@nestjs/typeorm/' },
    },
    {
      name: 'events-through-the-database-module',
      comment: 'Use DomainEvents.publish and @OnDomainEvent of src/database: @OnEvent swallows the errors of handlers.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/database/' },
      to: { path: 'node_modules/(@nestjs/event-emitter|eventemitter2)/' },
    },
    {
      name: 'http-only-at-the-edge',
      comment: 'Routes, statuses, headers and cookies belong in controllers, guards, interceptors and filters.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...layers.http, SPEC] },
      to: { path: ['node_modules/(fastify|@fastify/[^/]+|@nestjs/platform-[^/]+)/', '^(node:)?(http|https|http2)$'] },
    },
    {
      name: 'no-dev-dependency',
      comment: 'Not installed in production: move it to "dependencies", or do without.',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-unlisted-package',
      comment: 'It is installed only as a dependency of a dependency: list it in package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-missing-file',
      comment: 'The import leads nowhere. Relative imports end in .js.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-code-in-production',
      comment: 'Only *.spec.ts may use specs and test/.',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { path: [SPEC, '^test/'] },
    },
    {
      name: 'no-orphan',
      comment: 'src/main.ts, migrate.ts and worker.ts do not reach it: use it or delete it.',
      severity: 'error',
      from: { path: ENTRY_POINTS },
      to: { path: '^src/', pathNot: [ENTRY_POINTS, SPEC], reachable: false },
    },
    {
      name: 'first-commands-need-nothing-installed',
      comment: 'It runs before `npm ci`: import Node and other such scripts only, or import the package after it.',
      severity: 'error',
      from: { path: '^scripts/(start|dev|reset|smoke|test|check)[.]mjs$' },
      to: { path: 'node_modules/', reachable: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
