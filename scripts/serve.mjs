import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './install.mjs';
import { trackProcess } from './local-data.mjs';
import { endProcess, freePort, portProblem } from './processes.mjs';
import { StepError } from './steps.mjs';

const readyWithinMs = 60_000;

/** Address at which the API will listen, from PORT and HOST. */
export function servedAt() {
  const port = Number(process.env.PORT || 3000);
  const host = process.env.HOST || '0.0.0.0';
  if (!/^\d+$/.test(process.env.PORT || '3000') || port < 1 || port > 65_535) {
    const rule = 'it must be a whole number from 1 to 65535';
    throw new StepError(`PORT is "${process.env.PORT}"; ${rule}.`, 'PORT=3000 npm start');
  }
  const name = ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return { port, host, url: `http://${name}:${port}` };
}

/**
 * Checks that the API can listen on its port.
 *
 * @param {string} command as the reader typed it
 */
export async function checkPort(command) {
  const { port, host } = servedAt();
  // Both: some systems let two programs listen on one port, one for all addresses and one for this machine's own.
  const onAll = host === '0.0.0.0';
  const problem = (await portProblem(port, host)) ?? (onAll ? await portProblem(port, '127.0.0.1') : undefined);
  if (problem === undefined) return;
  if (problem === 'EADDRINUSE') {
    const other = (await portProblem(port + 1, host)) === undefined ? port + 1 : await freePort();
    throw new StepError(
      `Port ${port} is taken: another program listens there (another checkout, perhaps).`,
      `End that program, or serve on another port: PORT=${other} ${command}`,
    );
  }
  if (problem === 'EACCES') throw new StepError(`Port ${port} is reserved for root.`, `PORT=3000 ${command}`);
  const rule = 'it must be an address of this machine';
  throw new StepError(`HOST is "${host}"; ${rule} (${problem}).`, `HOST=127.0.0.1 ${command}`);
}

/**
 * @typedef {object} Api
 * @property {string} url
 * @property {Promise<string>} ended resolves with the reason when it stops
 * @property {() => Promise<void>} stop finishes open requests first; by SIGINT, which skips the shutdown delay
 */

/**
 * Starts the API and waits until it is ready.
 *
 * @param {import('./session.mjs').Session} session
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Api>}
 */
export async function serve(session, env) {
  const { url, host, port } = servedAt();
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', 'main.js')], {
    cwd: root,
    env,
    // A group of its own, so that Ctrl-C ends it through this script: the API first, then what it stands on.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`The API could not be run: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`The API stopped with ${signal ?? `exit code ${code}`}`));
  });
  const { pid } = child;
  // Only while it runs: afterwards its pid may belong to another process.
  const stop = async () => {
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) await endProcess(pid, 'SIGINT');
  };
  if (pid !== undefined) trackProcess(session, 'api', { pid, stop });
  await untilReady(host, port, ended, session.stopping);
  return { url, ended, stop };
}

/**
 * @param {string} host
 * @param {number} port
 * @param {Promise<string>} ended
 * @param {AbortSignal} stopping
 */
async function untilReady(host, port, ended, stopping) {
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  let end = '';
  void ended.then((what) => (end = what));
  let answer = 'nothing';
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    stopping.throwIfAborted();
    if (end !== '') throw new StepError(`${end} before it was ready; its output is above.`);
    try {
      const response = await fetch(`http://${address}:${port}/health/ready`, { signal: AbortSignal.timeout(3000) });
      answer = `${response.status} ${await response.text()}`;
      if (response.ok) return;
    } catch {
      // not listening yet
    }
    await pause(25);
  }
  throw new StepError(`The API is not ready after ${readyWithinMs / 1000} s. /health/ready answers ${answer}`);
}
