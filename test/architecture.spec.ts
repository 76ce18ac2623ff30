import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExampleProblems } from './architecture/env-example.js';
import { cruise, ROOT, type Cruise } from './architecture/import-rules.js';
import { PLANTINGS, withHouse } from './architecture/planted-imports.js';
import { NAME_RULES } from './architecture/name-rules.js';
import { moduleGraphProblems } from './architecture/module-graph.js';
import { SIZE_RULES } from './architecture/size-rules.js';
import { ownFiles, sourceFile } from './architecture/source-files.js';
import { SYNTAX_RULES } from './architecture/syntax-rules.js';

const CODE_RULES = [...NAME_RULES, ...SIZE_RULES, ...SYNTAX_RULES];

let house: Cruise;

beforeAll(async () => {
  house = await cruise(ROOT);
});

describe('imports', () => {
  it('are seen in every source file', () => {
    const seen = house.modules.map(({ source }) => source).filter((path) => path.startsWith('src/'));
    expect(seen.sort()).toEqual(ownFiles().map(({ path }) => path).filter((path) => path.startsWith('src/')));
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

  it('are found wherever they are', () => {
    const some = ['src/main.ts', 'src/places/dto/place.dto.ts', 'test/support/app.ts', 'scripts/start.mjs'];
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(some));
  });

  it.each(CODE_RULES)('keep the rule: $says', ({ check }) => {
    expect(check(files)).toEqual([]);
  });

  it.each(CODE_RULES)('are caught when they break the rule: $says', ({ check, planted, caught }) => {
    const problems = check(Object.entries(planted).map(([path, text]) => sourceFile(path, text)));
    expect(problems.sort()).toEqual([...caught].sort());
  });
});

describe('.env.example', () => {
  const scripts = readdirSync(join(ROOT, 'scripts')).map((name) => read(`scripts/${name}`)).join('\n');

  it('shows every variable of config/env.ts with its default and its bounds, and no other', () => {
    expect(envExampleProblems(read('src/config/env.ts'), read('.env.example'), scripts)).toEqual([]);
  });

  it('is caught when it is not in step', () => {
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
  it('in docs/architecture.md is that of the imports', () => {
    const file = 'docs/architecture.md';
    expect(moduleGraphProblems(file, read(file), house.modules)).toEqual([]);
  });

  it('is caught when it is stale', () => {
    const modules = [
      { source: 'src/places/a.ts', dependencies: [{ resolved: 'src/users/index.ts' }] },
      { source: 'src/places/b.ts', dependencies: [{ resolved: 'src/common/index.ts' }] },
      { source: 'src/users/a.spec.ts', dependencies: [{ resolved: 'src/places/index.ts' }] },
      { source: 'src/users/index.ts', dependencies: [{ resolved: 'src/users/a.ts' }] },
      { source: 'src/config/env.ts', dependencies: [{ resolved: 'node_modules/pg/index.js' }] },
      { source: 'src/main.ts', dependencies: [{ resolved: 'src/places/index.ts' }] },
    ];
    const between = (graph: string) =>
      `<!-- module graph, written by \`npm run graph\` -->\n${graph}<!-- end of the module graph -->\n`;
    const file = 'docs/architecture.md';
    const fresh = between('```mermaid\nflowchart TD\n  config\n  places --> users\n```\n');
    expect(moduleGraphProblems(file, fresh, modules)).toEqual([]);
    const stale = between('```mermaid\nflowchart TD\n  config\n```\n');
    expect(moduleGraphProblems(file, stale, modules)).toEqual([
      'docs/architecture.md shows another module graph than the imports make; update it with: npm run graph',
    ]);
    expect(() => moduleGraphProblems(file, 'no graph', modules)).toThrow('No place for the module graph');
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
