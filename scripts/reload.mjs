import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { printBanner, migrate, provideAll } from './development.mjs';
import { invalidateBuild, nest, root } from './install.mjs';
import { endProcess } from './processes.mjs';
import { serve } from './serve.mjs';
import { StepError, explain, print, step } from './steps.mjs';

/** @typedef {import('./session.mjs').Session} Session */

/**
 * As `start`, but every change in src/ that compiles restarts the API, until it is stopped.
 *
 * @param {Session} session
 * @param {string} command as the reader typed it
 */
export async function develop(session, command) {
  const begun = performance.now();
  const { env, serversEnded } = await provideAll(session, command);
  const api = restartable(session, env);
  const { url } = await api.start('Start the API');
  printBanner(url, env, begun);
  const compilerEnded = compileOnChange(session, api.restart);
  const what = await Promise.race([session.stopped, serversEnded, compilerEnded]);
  if (what !== undefined) throw new StepError(`${what}.`, `${command} starts everything again`);
}

/**
 * @param {Session} session
 * @param {NodeJS.ProcessEnv} env
 */
function restartable(session, env) {
  /** @type {import('./serve.mjs').Api | undefined} */
  let current;
  /** @type {Promise<void> | undefined} */
  let restarting;
  let changed = false;

  /** @param {string} title */
  async function start(title) {
    const api = await step(title, () => serve(session, env), { prints: true });
    current = api;
    void api.ended.then((what) => {
      if (current === api && !session.stopping.aborted) print(`\n${what}; it starts again at the next change.`);
    });
    return api;
  }

  async function restartOnce() {
    const before = current;
    current = undefined;
    await before?.stop();
    await migrate(env, session.stopping);
    await start('Restart the API');
  }

  /** Changes during a restart lead to one more restart. */
  function restart() {
    changed = true;
    restarting ??= (async () => {
      while (changed && !session.stopping.aborted) {
        changed = false;
        await restartOnce().catch((error) => session.stopping.aborted || explain(error));
      }
      restarting = undefined;
    })();
  }

  return { start, restart };
}

/**
 * Lets the compiler watch src/, and calls `compiled` after each change that compiles.
 *
 * @param {Session} session
 * @param {() => void} compiled
 * @returns {Promise<string>} settles when the compiler stops by itself
 */
function compileOnChange(session, compiled) {
  invalidateBuild();
  const compiler = spawn(process.execPath, [nest, 'build', '--watch', '--preserveWatchOutput'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  session.atEnd(() => (compiler.pid === undefined ? undefined : endProcess(compiler.pid)));
  let first = true;
  createInterface({ input: compiler.stdout }).on('line', (coloured) => {
    const line = stripVTControlCharacters(coloured);
    const errors = /Found (\d+) errors?/.exec(line)?.[1];
    if (errors === undefined) {
      if (line.includes('File change detected')) print('\n  … Compile what changed');
      else if (/ error TS\d+/.test(line)) print(line);
    } else if (errors !== '0') {
      print(`\n${errors === '1' ? '1 error' : `${errors} errors`}: the API keeps running unchanged.`);
    } else if (first) {
      print('Watching src/: a change that compiles restarts the API.\n');
    } else {
      compiled();
    }
    // The first report is about the sources that are running already.
    if (errors !== undefined) first = false;
  });
  return new Promise((resolve) => {
    compiler.once('close', (code) => resolve(`The compiler stopped with exit code ${code}`));
  });
}
