import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the groups, relative to the root; jest.groups.config.mjs reads it. */
const FOLDER = '.spec-groups';
/** Three for each worker: fewer load less often, more end at more equal times. */
const GROUPS = 12;

/**
 * Writes files for Jest that each run several spec files, every one in a `describe` named by its path. Jest loads all
 * modules anew for each file it runs: Nest, TypeORM and the application take longer to load than most specs take to
 * run, so a group loads them once.
 *
 * @param {string} root
 */
export function writeSpecGroups(root) {
  const folder = join(root, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const specs = specFiles(root);
  for (let group = 0; group < GROUPS; group += 1) {
    const ofGroup = specs.filter((_, index) => index % GROUPS === group);
    const text = ofGroup.map((path) => `describe('${path}', () => {\n  require('../${path}');\n});\n`).join('');
    writeFileSync(join(folder, `${group + 1}-of-${GROUPS}.group.ts`), text);
  }
}

/**
 * @param {string} root
 * @returns {string[]} the paths of the spec files that `npm test` runs
 */
function specFiles(root) {
  const files = ['src', 'test'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((path) => `${top}/${path}`),
  );
  return files.filter((path) => path.endsWith('spec.ts') && !path.startsWith('test/browser/')).sort();
}
