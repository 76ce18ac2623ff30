import { requireNode } from './node-version.mjs';

requireNode();
const { existsSync, rmSync } = await import('node:fs');
const { createInterface } = await import('node:readline');
const { runCommand } = await import('./session.mjs');
const { data, killOrphans, assertNotRunning } = await import('./local-data.mjs');
const { resetHelp } = await import('./help.mjs');
const { StepError, print } = await import('./steps.mjs');

await runCommand({
  help: resetHelp,
  options: { yes: { type: 'boolean' } },
  work: async (_session, { yes }) => {
    if (!existsSync(data)) return print(`Nothing to delete: there is no ${data}.`);
    assertNotRunning();
    if (!yes && !(await isWanted())) return print('Nothing was deleted.');
    await killOrphans();
    rmSync(data, { recursive: true, force: true });
    return print(`Deleted ${data}. The next npm start begins anew.`);
  },
});

/** @returns {Promise<boolean>} */
function isWanted() {
  if (!process.stdin.isTTY) {
    throw new StepError('Nothing was deleted: there is no terminal to ask on.', 'npm run reset -- --yes');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const question = `Delete ${data}, with the database, Redis and all keys of this checkout? Type yes: `;
  return new Promise((resolve) => {
    terminal.once('close', () => resolve(false));
    terminal.question(question, (answer) => {
      resolve(answer.trim().toLowerCase() === 'yes');
      terminal.close();
    });
  });
}
