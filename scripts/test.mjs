import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { explain } = await import('./steps.mjs');

/**
 * Installs what is missing, compiles, and runs Jest once: all suites, or those its arguments name. Jest itself starts
 * and stops the throw-away PostgreSQL and Redis (test/support/test-run.mjs), so `npx jest` works alone too.
 *
 * @param {string[]} given
 */
async function main(given) {
  const browser = given.includes('--browser');
  const { prepare, root } = await import('./install.mjs');
  const { findOrInstallRedis } = await import('./redis.mjs');
  const { findOrInstallChromium, findOrInstallCurl } = await import('./test-programs.mjs');
  await prepare();
  await findOrInstallRedis();
  if (browser) await findOrInstallChromium();
  else if (given.length === 0) await findOrInstallCurl();

  const args = [join(root, 'node_modules/jest/bin/jest.js'), ...given.filter((word) => word !== '--browser')];
  if (browser) args.push('--config', join(root, 'jest.browser.config.mjs'));
  const results = process.env.TEST_RESULTS_DIR;
  if (results) {
    mkdirSync(results, { recursive: true });
    args.push('--json', '--outputFile', join(results, browser ? 'browser.json' : 'jest.json'));
  }
  const output = results ? 'ignore' : 'inherit'; // the JSON; what people read goes to stderr
  const jest = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', output, 'inherit'] });
  // Jest cleans up before it ends, and this process ends after it.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => jest.kill(signal));
  }
  return new Promise((resolve) => jest.once('close', (code) => resolve(code ?? 1)));
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
