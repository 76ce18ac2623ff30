import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { envExampleProblems } from './architecture/env-example.js';
import { cruise, ROOT, type Cruise } from './architecture/import-rules.js';
import { PLANTINGS, withFixture } from './architecture/planted-imports.js';
import { lint, type LintReport } from './architecture/lint-rules.js';
import { CODE_PLANTINGS } from './architecture/planted-code.js';
import { moduleGraphProblems } from './architecture/module-graph.js';

let project: Cruise;

beforeAll(async () => {
  project = await cruise(ROOT);
});

describe('imports', () => {
  it('are parsed in every source file', () => {
    const seen = project.modules.map(({ source }) => source).filter((path) => path.startsWith('src/'));
    expect(seen.sort()).toEqual(sourceFiles());
  });

  it('follow the rules of .dependency-cruiser.cjs', () => {
    expect(project.violations).toEqual([]);
  });

  it('have a planted violation for every rule', () => {
    const planted = new Set(PLANTINGS.flat().map(({ rule }) => rule));
    expect([...planted].sort()).toEqual([...project.rules].sort());
  });

  it.each(PLANTINGS)('are reported by exactly the rule they break (project %#)', async (...plantings) => {
    const { violations } = await withFixture(plantings, cruise);
    const caught = plantings.map(({ rule, files }) => {
      const here = violations.filter(({ from }) => relative('src', from) in files);
      return { files: Object.keys(files), rules: [...new Set(here.map((each) => each.rule))], rule };
    });
    expect(caught).toEqual(caught.map((each) => ({ ...each, rules: [each.rule] })));
    const sources = plantings.flatMap(({ files }) => Object.keys(files).map((path) => join('src', path)));
    expect(violations.filter(({ from }) => !sources.includes(from))).toEqual([]);
  });
});

describe('ESLint', () => {
  let report: LintReport;

  beforeAll(async () => {
    report = await lint(CODE_PLANTINGS.map(({ files }) => files));
  });

  it('has a planted violation for every rule added to its presets', () => {
    const planted = CODE_PLANTINGS.map(({ rule }) => rule);
    expect(report.rules.filter((rule) => !planted.includes(rule))).toEqual([]);
  });

  it.each(CODE_PLANTINGS.map((planting, index) => ({ ...planting, index })))(
    'reports only the planted violation of $rule',
    ({ rule, caught, index }) => {
      const problems = report.problems[index]?.filter((each) => each.rule === rule).map(({ at }) => at);
      expect(problems?.sort()).toEqual([...caught].sort());
    },
  );
});

describe('folders', () => {
  it('of modules hold at most 15 files and then need a sub-folder', () => {
    expect(largeFolders(sourceFiles())).toEqual([]);
  });

  it('are reported when they hold more than 15 files', () => {
    const files = Array.from({ length: 31 }, (_, index) => `src/${index < 16 ? 'places' : 'users'}/f${index}.ts`);
    expect(largeFolders(files)).toEqual(['src/places']);
  });
});

describe('.env.example', () => {
  const scripts = readdirSync(join(ROOT, 'scripts')).map((name) => read(`scripts/${name}`)).join('\n');

  it('shows every variable of config/env.ts with its default and bounds, and no other', () => {
    expect(envExampleProblems(read('src/config/env.ts'), read('.env.example'), scripts)).toEqual([]);
  });

  it('is reported when it is out of date', () => {
    const env = `class Env {
      /** Doc. */
      readonly port = this.reader.integer('PORT', { default: 3_000, min: 0, max: 65_535 });
      /** Doc. */
      readonly ttlMs = this.reader.durationMs('CACHE_TTL', { default: '30m', min: '1s', max: '30d' });
      /** Doc. */
      readonly logLevel = this.reader.oneOf('LOG_LEVEL', ['info', 'warn'], 'info');
      readonly host = this.reader.text('HOST', '::');
      /** Doc. */
      readonly redisUrl = this.reader.url('REDIS_URL', ['redis']);
    }`;
    const example = `
# Port, 0 to 65535.
#PORT=3001
# From 1s.
#CACHE_TTL=30m
# info or more.
#LOG_LEVEL=info

#HOST=::
# A relic.
#OLD=1
# For a script.
#CHROMIUM=`;
    expect(envExampleProblems(env, example, 'process.env.CHROMIUM')).toEqual([
      'REDIS_URL is missing',
      'OLD is read by nothing',
      'PORT shows "3001", its default is "3000"',
      'CACHE_TTL has a comment that does not name 30d',
      'LOG_LEVEL has a comment that does not name warn',
      'HOST has no comment above it',
      'HOST has no doc comment in config/env.ts',
    ]);
  });
});

describe('the module graph', () => {
  it('in docs/architecture.md matches the imports', () => {
    const file = 'docs/architecture.md';
    expect(moduleGraphProblems(file, read(file), project.modules)).toEqual([]);
  });

  it('is reported when it is out of date', () => {
    const modules = [
      { source: 'src/places/a.ts', dependencies: [{ resolved: 'src/users/index.ts' }] },
      { source: 'src/places/b.ts', dependencies: [{ resolved: 'src/common/index.ts' }] },
      { source: 'src/users/a.spec.ts', dependencies: [{ resolved: 'src/places/index.ts' }] },
      { source: 'src/users/index.ts', dependencies: [{ resolved: 'src/users/a.ts' }] },
      { source: 'src/config/env.ts', dependencies: [{ resolved: 'node_modules/pg/index.js' }] },
      { source: 'src/main.ts', dependencies: [{ resolved: 'src/places/index.ts' }] },
    ];
    const documentWith = (graph: string) =>
      `<!-- module graph, written by \`npm run graph\` -->\n${graph}<!-- end of the module graph -->\n`;
    const file = 'docs/architecture.md';
    const fresh = documentWith('```mermaid\nflowchart TD\n  config\n  places --> users\n```\n');
    expect(moduleGraphProblems(file, fresh, modules)).toEqual([]);
    const stale = documentWith('```mermaid\nflowchart TD\n  config\n```\n');
    expect(moduleGraphProblems(file, stale, modules)).toEqual([
      'docs/architecture.md shows another module graph than the imports make; update it with: npm run graph',
    ]);
    expect(() => moduleGraphProblems(file, 'no graph', modules)).toThrow('No place for the module graph');
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function sourceFiles(): string[] {
  const paths = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.ts')).map((path) => `src/${path.replaceAll('\\', '/')}`).sort();
}

function largeFolders(paths: readonly string[]): string[] {
  const folders = paths.filter((path) => /^src\/[^/]+\/[^/]+$/.test(path)).map((path) => dirname(path));
  return [...new Set(folders)].filter((folder) => folders.filter((each) => each === folder).length > 15);
}
