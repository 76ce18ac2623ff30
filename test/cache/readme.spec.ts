import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CacheManager, runWithCacheStatus } from '../../src/cache/index.js';
import { ROOT } from '../architecture/import-rules.js';
import { fences, rows, section } from '../readme/markdown.js';
import { deadLinks } from '../readme/readme-rules.js';
import * as examples from './readme/examples.js';
import { useHttpApp } from './support/http-app.js';
import { useCacheApp, useRedis } from './support/suite.js';

const { Note } = examples;
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const README = read('src/cache/README.md');

describe('src/cache/README.md', () => {
  it('shows only code of the examples, which are compiled and run', () => {
    const flat = (code: string) => code.replaceAll(/\s+/g, ' ').trim();
    const compiled = flat(read('test/cache/readme/examples.ts'));
    const shown = fences(README).filter(({ info }) => info === 'ts');
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.map(({ content }) => content).filter((content) => !compiled.includes(flat(content)))).toEqual([]);
  });

  it('has no broken link', () => {
    expect(deadLinks('src/cache/README.md', README, (path) => existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each([
    ['options', /### Options of operations\n([\s\S]*?)\n### /, ['src/cache/decorators/cache-options.ts']],
    [
      'settings',
      /### Settings of `CacheModule.forRoot`\n([\s\S]*?)\n## /,
      ['src/cache/manager/cache-manager.ts', 'src/cache/cache-settings.ts'],
    ],
  ])('lists all %s and no other', (_what, table, files) => {
    const there = files.flatMap((file) => [...read(file).matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name));
    const named = rows(table.exec(README)?.[1] ?? '').map(([cell = '']) => cell.replaceAll('`', ''));
    expect(named.sort()).toEqual([...new Set(there)].sort());
  });

  it('has a row for each folder', () => {
    const named = rows(section(README, 'The map')).map(([cell = '']) => /\((\w+)\)/.exec(cell)?.[1]);
    expect(named.sort()).toEqual(['codec', 'decorators', 'explorer', 'keys', 'keyv', 'manager', 'runtime', 'storage']);
  });
});

describe('the examples of src/cache/README.md', () => {
  const suite = useRedis();
  const { NotesTable, uncached, ...rest } = examples;
  const services = Object.values(rest).filter((each) => each.name.endsWith('Service'));
  const app = useCacheApp(suite, { providers: [NotesTable, ...services] });
  const http = useHttpApp(suite, {
    controllers: [examples.NotesController],
    providers: [NotesTable, examples.PreparedNotesService],
  });
  const reads = () => app().get(NotesTable).reads;

  /** Reads of the table during all of these calls. */
  async function readsOf(...calls: (() => Promise<unknown>)[]): Promise<number> {
    const before = reads();
    for (const call of calls) await call();
    return reads() - before;
  }

  it('cache a value until its row is written, and return an instance', async () => {
    const notes = app().get(examples.NotesService);
    await notes.rewrite(1, 'kim', 'one');
    expect(await readsOf(() => notes.get(1), () => notes.get(1))).toBe(1);
    await notes.rewrite(1, 'kim', 'two');
    expect(await notes.get(1)).toStrictEqual(new Note(1, 'kim', 'two'));
  });

  it('apply condition, unless, put and several evictions', async () => {
    const notes = app().get(examples.MoreNotesService);
    expect(await readsOf(() => notes.get(-1), () => notes.get(-1), () => notes.get(7), () => notes.get(7))).toBe(4);
    await notes.create(new Note(8, 'lee', 'put'));
    expect(await readsOf(() => notes.get(8))).toBe(0);
    await notes.remove(8);
    expect(await notes.get(8)).toBeNull();
  });

  it('evict by tag', async () => {
    const notes = app().get(examples.TaggedNotesService);
    await notes.by('choi');
    await notes.by('park');
    await notes.add(new Note(9, 'choi', 'new'));
    expect(await notes.by('choi')).toHaveLength(1);
    expect(await readsOf(() => notes.by('park'))).toBe(0);
  });

  it('separate the entries of users', async () => {
    const notes = app().get(examples.FailSafeNotesService);
    const as = (user: string) => () => runWithCacheStatus(() => notes.mine(user), () => user);
    expect(await readsOf(as('a'), as('a'), as('b'), () => notes.mine('a'), () => notes.mine('a'))).toBe(4);
    const twice = <T>(call: () => Promise<T>) => [call, call];
    expect(await readsOf(...twice(() => notes.get(1)), ...twice(() => notes.report('a')))).toBe(2);
  });

  it('serve prepared responses', async () => {
    expect(await http.get('/notes/404')).toEqual(['MISS', '{"id":404,"text":""}']);
    expect(await http.get('/notes/404')).toEqual(['HIT', '{"id":404,"text":""}']);
  });

  it('work through the Cache API, through CACHE_MANAGER and without a cache', async () => {
    const rates = app().get(examples.RatesService);
    expect(await rates.byHand()).toBe(1400);
    expect(await rates.greetThroughCacheManager()).toBe('hello');
    const none = uncached.useFactory();
    expect(none).toBeInstanceOf(CacheManager);
    await none.get('rates').put('KRW', 1);
    expect(await none.get('rates').get('KRW')).toBeUndefined();
  });
});
