import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Files below `src` and `test` whose path matches, sorted by path relative to the repository. */
export function sourceTexts(pattern: RegExp): { readonly path: string; readonly text: string }[] {
  const paths = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const matching = paths.filter((path) => pattern.test(path)).sort();
  return matching.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
