import { spawn } from 'node:child_process';
import { requireNode } from './node-version.mjs';

requireNode();
const { runCommand } = await import('./session.mjs');
const { installPackages, root } = await import('./install.mjs');
const { elapsed, print } = await import('./steps.mjs');

const help = `npm run check: everything a change must pass; all of it runs, also when a part fails.

Usage: npm run check [-- --help]
`;
const parts = ['lint', 'types', 'test', 'test:browser'];

await runCommand({
  help,
  work: async (session) => {
    await installPackages(session.stopping);
    /** @type {string[]} */
    const report = [];
    let failed = 0;
    for (const part of parts) {
      session.stopping.throwIfAborted();
      print(`\n── npm run ${part}\n`);
      const begun = performance.now();
      const passed = (await runScript(part)) === 0;
      if (!passed) failed += 1;
      report.push(`  ${passed ? '✓' : '✗'} npm run ${part.padEnd(14)} ${elapsed(begun)}`);
    }
    print(`\n${report.join('\n')}\n`);
    return failed === 0 ? 0 : 1;
  },
});

/**
 * @param {string} name
 * @returns {Promise<number>}
 */
function runScript(name) {
  const child = spawn('npm', ['run', '--silent', name], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
