import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { runCommand } = await import('./session.mjs');
const { installPackages, root } = await import('./install.mjs');
const { installNode24 } = await import('./node-24.mjs');
const { elapsed, print, StepError } = await import('./steps.mjs');

const help = `npm run check: everything a change must pass; all of it runs, also when a part fails.

Usage: npm run check [-- --node-24] [-- --help]

  --node-24  run the tests on Node 24 too, after all else
`;

/** @typedef {{ readonly name: string, readonly script: string, readonly env?: NodeJS.ProcessEnv }} Part */

/** @type {readonly Part[]} */
const PARTS = ['lint', 'types', 'knip', 'test', 'test:proofs', 'test:browser'].map((script) => ({
  name: `npm run ${script}`,
  script,
}));

await runCommand({
  help,
  options: { 'node-24': { type: 'boolean' } },
  work: async (session, values) => {
    await installPackages(session.stopping);
    const parts = [...PARTS, ...(values['node-24'] ? await onNode24(session.stopping) : [])];
    /** @type {string[]} */
    const report = [];
    let failed = 0;
    for (const { name, script, env } of parts) {
      session.stopping.throwIfAborted();
      print(`\n── ${name}\n`);
      const begun = performance.now();
      const passed = (await runScript(script, env)) === 0;
      if (!passed) failed += 1;
      report.push(`  ${passed ? '✓' : '✗'} ${name.padEnd(26)} ${elapsed(begun)}`);
    }
    print(`\n${report.join('\n')}\n`);
    return failed === 0 ? 0 : 1;
  },
});

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Part[]>}
 */
async function onNode24(signal) {
  const folder = await installNode24(signal);
  if (folder === undefined) {
    const { platform, arch } = process;
    throw new StepError(`No npm package has Node 24 for ${platform}-${arch}.`, 'npm test, with Node 24');
  }
  return [{ name: 'npm run test on Node 24', script: 'test', env: envOfNode24(folder) }];
}

/**
 * npm, the scripts and what the suites start are all found by the PATH.
 *
 * @param {string} folder
 */
function envOfNode24(folder) {
  const { PATH, TEST_RESULTS_DIR } = process.env;
  const results = TEST_RESULTS_DIR && { TEST_RESULTS_DIR: join(TEST_RESULTS_DIR, 'node-24') };
  return { ...process.env, PATH: `${folder}:${PATH}`, ...results };
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>}
 */
function runScript(name, env = process.env) {
  const child = spawn('npm', ['run', '--silent', name], { cwd: root, stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
