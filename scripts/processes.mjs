import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Start time of a process; `undefined` when there is none, or only a zombie. A pid can be reused; pid and start time
 * together identify a process.
 *
 * @param {number} pid
 */
export function startTimeOf(pid) {
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
 * The command line of a running process, words joined by spaces; '' when it has exited.
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
 * Records a process in a file, so that a later run can find orphans of a crash.
 *
 * @param {string} directory holds one file per process
 * @param {string} name
 * @param {number} pid
 * @param {Record<string, unknown>} [facts] stored in the same file
 */
export function writePidFile(directory, name, pid, facts = {}) {
  mkdirSync(directory, { recursive: true });
  const record = { pid, birth: startTimeOf(pid), directory, ...facts };
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(record), { mode: 0o600 });
}

/**
 * The recorded process, if it still runs. A record that was copied with its checkout belongs to another checkout, and
 * is ignored.
 *
 * @param {string} directory
 * @param {string} name
 * @returns {({ pid: number } & Record<string, unknown>) | undefined}
 */
export function readPidFile(directory, name) {
  try {
    const record = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'));
    // The field is called `birth` in the files of earlier versions, too.
    const { pid, birth } = record;
    const isRunning = record.directory === directory && birth !== undefined && startTimeOf(pid) === birth;
    return isRunning ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} directory
 * @param {string} name
 */
export function removePidFile(directory, name) {
  rmSync(join(directory, `${name}.json`), { force: true });
}

/**
 * Names of all recorded processes, running or not.
 *
 * @param {string} directory
 */
export function pidFileNames(directory) {
  try {
    return readdirSync(directory).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
  } catch {
    return [];
  }
}

/**
 * Ends a process and waits for its exit; kills it after `timeoutMs`.
 *
 * @param {number} pid
 * @param {NodeJS.Signals} [signal]
 * @param {number} [timeoutMs]
 */
export async function endProcess(pid, signal = 'SIGTERM', timeoutMs = 10_000) {
  const birth = startTimeOf(pid);
  if (birth === undefined) return;
  sendSignal(pid, signal);
  const deadline = performance.now() + timeoutMs;
  let killed = signal === 'SIGKILL';
  while (startTimeOf(pid) === birth) {
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
    // it ended by itself before the signal
  }
}

/**
 * A port on which no process listens at the moment.
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
 * Error code (`EADDRINUSE`) of listening on this port now; `undefined` when it is possible.
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
