import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsDocument } from '../scripts/settings-document.mjs';
import { ROOT } from './architecture/import-rules.js';
import { section } from './readme/markdown.js';
import { sourceTexts } from './support/source-texts.js';
import {
  deadLinks, settingProblems, systemProblems, titleProblems, translationProblems,
} from './readme/readme-rules.js';

const ENGLISH = read('README.md');
const KOREAN = read('README.ko.md');

describe('links between documents', () => {
  const decisions = readdirSync(join(ROOT, 'docs/adr')).map((name) => `docs/adr/${name}`);
  const guides = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  const ofModules = sourceTexts(/README[.]md$/).map(({ path }) => path);
  const documents = ['README.md', 'README.ko.md', 'CONTRIBUTING.md', ...guides, ...decisions, ...ofModules];

  it.each(documents)('are valid in %s', (file) => {
    expect(deadLinks(file, read(file), (path) => existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each(documents)('to tests quote present titles in %s', (file) => {
    expect(titleProblems(file, read(file), read)).toEqual([]);
  });

  it('are reported when broken', () => {
    const text = '[a](b.md) [c](../src/d.ts#e) [f](https://g.example) [h](#i)\n```md\n[j](k.md)\n```\n';
    expect(deadLinks('docs/x.md', text, (path) => path === 'src/d.ts')).toEqual([
      'docs/x.md links to docs/b.md, which does not exist',
    ]);
  });

  it('are reported when they quote a title that the test does not have', () => {
    const link = '[a.spec.ts](../test/a.spec.ts)';
    const text = `Proof: \`finds\n  it\` (twice) in ${link}, \`loses it\` in\n  ${link}.`;
    expect(titleProblems('docs/x.md', text, () => "it('finds it', f)")).toEqual([
      'docs/x.md quotes "loses it", which test/a.spec.ts does not contain',
    ]);
  });

  it('list every decision in the index', () => {
    const index = read('docs/adr/README.md');
    const numbered = decisions.map((file) => file.replace('docs/adr/', '')).filter((name) => /^\d{4}-/.test(name));
    expect(numbered.filter((name) => !index.includes(name))).toEqual([]);
  });
});

describe('README.md', () => {
  it('has at most 200 lines', () => {
    expect(ENGLISH.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });
});

describe('docs/redis.md', () => {
  it('lists all twenty systems, with their files or as planned', () => {
    expect(systemProblems(section(read('docs/redis.md'), 'Systems'))).toEqual([]);
  });
});

describe('docs/settings.md', () => {
  const env = read('src/config/env.ts');

  it('lists every setting with its default', () => {
    expect(settingProblems(read('docs/settings.md'), env)).toEqual([]);
  });

  it('is the output of npm run settings', () => {
    expect(read('docs/settings.md')).toBe(settingsDocument(env));
  });

  it('is generated from doc comments, bounds and defaults', () => {
    const source = `class Env {
      /** \`PORT\`: Port. */
      readonly port = this.reader.integer('PORT', { default: 3_000, min: 0, max: 65_535 });
      /**
       * \`HOST\`: Address a|b, see
       * \`docs/x.md#y\`.
       * @defaultValue any
       */
      readonly host = this.reader.text('HOST', anyHost());
    }`;
    const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows(settingsDocument(source))).toEqual([
      '| `PORT` | `3000` | `0` to `65535` | Port. |',
      '| `HOST` | any | text | Address a\\|b, see [x.md](x.md#y). |',
    ]);
  });
});

describe('README.ko.md', () => {
  it('has the commands, links and sections of README.md', () => {
    expect(translationProblems(ENGLISH, KOREAN)).toEqual([]);
  });
});

describe('an outdated document', () => {
  it('is reported when a system is missing', () => {
    const planned = Array.from({ length: 17 }, (_, at) => `| ${at + 3} | c | planned | |`);
    const table = ['| # | s | s | w |', '|---|---|---|---|', '| 1 | a | ✓ | [x](x) |', '| 2 | b | ✓ | |', ...planned];
    expect(systemProblems(table.join('\n'))).toEqual([
      'the table numbers 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, not 1 to 20',
      'system 2 is neither ✓ with a file nor planned',
    ]);
  });

  it('is reported when a setting is missing, unknown or has another default', () => {
    const env = "class Env { a = this.reader.text('HOST', '::'); b = this.reader.text('CITY', 'Seoul'); }";
    expect(settingProblems('| variable | default |\n|---|---|\n| `HOST` | `0.0.0.0` |\n| `OLD` | 1 |\n', env)).toEqual([
      'CITY is missing',
      'HOST shows "0.0.0.0", its default is "::"',
      'OLD is no setting',
    ]);
  });

  it('is reported when a translation has other commands, links or sections', () => {
    const one = '## A\n[x](x.md)\n```sh\nls # list\n```\n';
    expect(translationProblems(one, '## 가\n[엑스](x.md)\n```sh\nls # 목록\n```\n')).toEqual([]);
    expect(translationProblems(one, '## 가\n## 나\n[x](y.md)\n```sh\nls -l\n```\n')).toEqual([
      'code differ at number 1: "sh\nls\n", "sh\nls -l\n"',
      'links differ at number 1: "x.md", "y.md"',
      'sections differ at number 2: "", "1"',
    ]);
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
