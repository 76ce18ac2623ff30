import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * When a process was born, or `undefined` when there is none (or only the shell of a dead one). A pid is given out
 * again after a crash; pid and birth together never are.
 *
 * @param {number} pid
 */
export function birthOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
    }
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.slice(line.indexOf(' ') + 1).trim();
  } catch {
    return undefined;
  }
}

/**
 * The command line of a running process, words joined by spaces; '' when it is gone.
 *
 * @param {number} pid
 */
export function commandLine(pid) {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

/**
 * Remembers a process on disk, so that a later run finds what a crash left behind.
 *
 * @param {string} directory holds one file per process
 * @param {string} name
 * @param {number} pid
 * @param {Record<string, unknown>} [facts] stored in the same file
 */
export function remember(directory, name, pid, facts = {}) {
  mkdirSync(directory, { recursive: true });
  const record = { pid, birth: birthOf(pid), directory, ...facts };
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(record), { mode: 0o600 });
}

/**
 * The remembered process, if it still runs. A record copied here with a whole checkout speaks of another one's
 * process and counts as none.
 *
 * @param {string} directory
 * @param {string} name
 * @returns {({ pid: number } & Record<string, unknown>) | undefined}
 */
export function recall(directory, name) {
  try {
    const record = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'));
    const alive = record.directory === directory && record.birth !== undefined && birthOf(record.pid) === record.birth;
    return alive ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} directory
 * @param {string} name
 */
export function forget(directory, name) {
  rmSync(join(directory, `${name}.json`), { force: true });
}

/**
 * Names of all remembered processes, running or not.
 *
 * @param {string} directory
 */
export function remembered(directory) {
  try {
    return readdirSync(directory).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
  } catch {
    return [];
  }
}

/**
 * Ends a process and waits until it is gone; one that does not listen within `timeoutMs` is killed.
 *
 * @param {number} pid
 * @param {NodeJS.Signals} [signal]
 * @param {number} [timeoutMs]
 */
export async function endProcess(pid, signal = 'SIGTERM', timeoutMs = 10_000) {
  const birth = birthOf(pid);
  if (birth === undefined) return;
  sendSignal(pid, signal);
  const deadline = performance.now() + timeoutMs;
  let killed = signal === 'SIGKILL';
  while (birthOf(pid) === birth) {
    if (!killed && performance.now() > deadline) {
      sendSignal(pid, 'SIGKILL');
      killed = true;
    }
    await pause(10);
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself between the look and the signal
  }
}

/**
 * A port nobody listens on at this moment.
 *
 * @param {string} [host]
 * @returns {Promise<number>}
 */
export function freePort(host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * Why nobody could listen on this port now, as an error code (`EADDRINUSE`); `undefined` when one can.
 *
 * @param {number} port
 * @param {string} host
 * @returns {Promise<string | undefined>}
 */
export function portProblem(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

/** @type {string | undefined} */
let thisBoot;

function bootId() {
  thisBoot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return thisBoot;
}

/**
 * The direct children of a process.
 *
 * @param {number} pid
 * @returns {number[]}
 */
export function childrenOf(pid) {
  try {
    const list =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        : execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
    return list.split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
