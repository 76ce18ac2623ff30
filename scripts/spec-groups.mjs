import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Jest's program, relative to the root. */
export const JEST = 'node_modules/jest/bin/jest.js';

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
 * @returns {string[]} paths of the spec files that Jest runs by its default configuration, relative to the root
 */
function specFiles(root) {
  const listed = execFileSync(process.execPath, [join(root, JEST), '--listTests'], { cwd: root, encoding: 'utf8' });
  return listed.trim().split('\n').map((path) => relative(root, path)).sort();
}
