import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { explain } = await import('./steps.mjs');
const { findOrInstallChromium, findOrInstallCurl, findOrInstallNginx, findOrInstallPgBouncer } =
  await import('./test-programs.mjs');
const { JEST, writeSpecGroups } = await import('./spec-groups.mjs');

/**
 * Suites that start and kill processes by the dozen, as paths: they run after the others, which would wait too long for
 * a processor beside them.
 */
const KILLS = [
  'test/activity/view-kills', 'test/crash/', 'test/jobs/blocking', 'test/jobs/deaths', 'test/notifications/crash',
];

/**
 * @typedef {object} Kind
 * @property {string} config
 * @property {string} [groups] configuration that runs all of its suites in groups
 * @property {readonly (() => Promise<unknown>)[]} programs that its suites start
 * @property {readonly string[]} [last] paths of suites that run after the others
 */

/** @type {Readonly<Record<string, Kind>>} */
const KINDS = {
  '': {
    config: 'jest.config.mjs',
    groups: 'jest.groups.config.mjs',
    programs: [findOrInstallCurl],
  },
  '--proofs': { config: 'jest.proofs.config.mjs', programs: [findOrInstallNginx, findOrInstallPgBouncer], last: KILLS },
  '--browser': { config: 'jest.browser.config.mjs', programs: [findOrInstallChromium] },
};

/**
 * Installs what is missing, compiles, and runs Jest: for the suites its arguments name, or for all of a kind. Jest
 * itself starts and stops the throw-away PostgreSQL and Redis (test/support/test-run.mjs), so `npx jest` works alone
 * too.
 *
 * @param {string[]} given
 */
async function main(given) {
  const name = given.find((word) => word in KINDS) ?? '';
  const words = given.filter((word) => word !== name);
  const { config, groups, programs, last = [] } = /** @type {Kind} */ (KINDS[name]);
  const { prepare, root } = await import('./install.mjs');
  const { findOrInstallRedis } = await import('./redis.mjs');
  await prepare();
  await findOrInstallRedis();
  // A suite named by its path says itself which program it lacks.
  if (words.length === 0) for (const findOrInstall of programs) await findOrInstall();
  else if (name === '--browser') await findOrInstallChromium();

  const run = (/** @type {string} */ results, /** @type {readonly string[]} */ args, file = config) =>
    jest(root, `${results}${name}`, ['--config', join(root, file), ...args]);
  if (words.length > 0) return run('jest', words);
  if (groups !== undefined) {
    writeSpecGroups(root);
    return run('jest', [], groups);
  }
  if (last.length === 0) return run('jest', []);
  const ignored = last.flatMap((path) => ['--testPathIgnorePatterns', path]);
  const codes = [await run('jest', ignored), await run('last', last)];
  return Math.max(...codes);
}

/**
 * @param {string} root
 * @param {string} results name of the file with the results, where a folder for them is given
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
function jest(root, results, args) {
  const folder = process.env.TEST_RESULTS_DIR;
  const output = folder ? ['--json', '--outputFile', join(folder, `${results}.json`)] : [];
  if (folder) mkdirSync(folder, { recursive: true });
  const run = spawn(process.execPath, [join(root, JEST), ...args, ...output], {
    cwd: root,
    // With --json, stdout is the JSON; what people read goes to stderr.
    stdio: ['inherit', folder ? 'ignore' : 'inherit', 'inherit'],
  });
  // Jest cleans up before it ends, and this process ends after it.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => run.kill(signal));
  }
  return new Promise((resolve) => run.once('close', (code) => resolve(code ?? 1)));
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
