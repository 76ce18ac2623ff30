import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { explain } = await import('./steps.mjs');

/** Suites that start and kill processes by the dozen: beside them, others would wait too long for a processor. */
const APART = [
  'test/activity/view-kills', 'test/crash/', 'test/jobs/blocking', 'test/jobs/deaths', 'test/notifications/crash',
];

/**
 * Installs what is missing, compiles, and runs Jest: for the suites its arguments name, or for all, those of `APART`
 * when the others have ended. Jest itself starts and stops the throw-away PostgreSQL and Redis
 * (test/support/test-run.mjs), so `npx jest` works alone too.
 *
 * @param {string[]} given
 */
async function main(given) {
  const browser = given.includes('--browser');
  const { prepare, root } = await import('./install.mjs');
  const { findOrInstallRedis } = await import('./redis.mjs');
  const { findOrInstallChromium, findOrInstallCurl, findOrInstallNginx, findOrInstallPgBouncer } =
    await import('./test-programs.mjs');
  await prepare();
  await findOrInstallRedis();
  if (browser) await findOrInstallChromium();
  else if (given.length === 0) {
    await findOrInstallCurl();
    await findOrInstallNginx();
    await findOrInstallPgBouncer();
  }

  const words = given.filter((word) => word !== '--browser');
  if (browser) return jest(root, 'browser', ['--config', join(root, 'jest.browser.config.mjs'), ...words]);
  if (words.length > 0) return jest(root, 'jest', words);
  const ignored = ['/test/browser/', ...APART].flatMap((path) => ['--testPathIgnorePatterns', path]);
  const codes = [await jest(root, 'jest', ignored), await jest(root, 'apart', APART)];
  return Math.max(...codes);
}

/**
 * @param {string} root
 * @param {string} name of the results, where somebody wants them
 * @param {string[]} given
 * @returns {Promise<number>} the exit code
 */
function jest(root, name, given) {
  const args = [join(root, 'node_modules/jest/bin/jest.js'), ...given];
  const results = process.env.TEST_RESULTS_DIR;
  if (results) {
    mkdirSync(results, { recursive: true });
    args.push('--json', '--outputFile', join(results, `${name}.json`));
  }
  const output = results ? 'ignore' : 'inherit'; // the JSON; what people read goes to stderr
  const run = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', output, 'inherit'] });
  // Jest cleans up before it ends, and this process ends after it.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => run.kill(signal));
  }
  return new Promise((resolve) => run.once('close', (code) => resolve(code ?? 1)));
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
