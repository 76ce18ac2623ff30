import { chmodSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster, startPostgres } from '../../scripts/postgres.mjs';
import { startTimeOf, endProcess, freePort, readPidFile, writePidFile, pidFileNames, sendSignal } from '../../scripts/processes.mjs';
import { findRedis } from '../../scripts/redis.mjs';
import { StepError } from '../../scripts/steps.mjs';

const temporary = realpathSync(tmpdir());
const prefix = 'ecogreen-test-';
const exitTimeoutMs = 3000;

/**
 * Begins a run of the tests: creates a temporary folder and starts one PostgreSQL for all suites, which find both in
 * environment variables. Both are removed however the run ends.
 */
export async function beginRun() {
  sweep();
  if (!findRedis()) {
    throw new StepError('The tests need a redis-server 7 or valkey-server.', 'npm test (it installs one where it can)');
  }
  const folder = mkdtempSync(join(temporary, prefix));
  chmodSync(folder, 0o755); // PostgreSQL runs as another account when we are root
  writePidFile(folder, 'run', process.pid);
  process.once('exit', () => removeNow(folder));
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // Not once: the terminal, npm and the script each send the same Ctrl-C, which must not interrupt the clean-up.
    process.on(signal, () => process.exit(1));
  }
  const dataDir = join(folder, 'postgres');
  await createCluster({ dataDir, user: 'test', password: 'test', durable: false });
  const server = await startPostgres({
    dataDir,
    port: await freePort(),
    logFile: join(folder, 'postgres.log'),
    settings: DISPOSABLE,
  });
  writePidFile(join(folder, 'running'), 'postgres', server.pid);
  process.env.TEST_RUN_DIR = folder;
  process.env.TEST_DATABASE_URL = `postgres://test:test@127.0.0.1:${server.port}/postgres`;
}

/** Ends all processes of the run, including servers that a suite has not dropped. */
export async function endRun() {
  const folder = process.env.TEST_RUN_DIR;
  if (folder === undefined) return;
  await Promise.all(runningIn(folder).map((pid) => endProcess(pid, 'SIGQUIT', exitTimeoutMs)));
  rmSync(folder, { recursive: true, force: true });
}

/** Settings of a PostgreSQL whose data need not survive a crash. */
export const DISPOSABLE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: 200,
  shared_buffers: '64MB',
};

/** Removes folders and servers of earlier runs that were killed. */
function sweep() {
  for (const name of readdirSync(temporary).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(temporary, name);
    if (pidFileNames(folder).includes('run') && !readPidFile(folder, 'run')) removeNow(folder);
  }
}

/** @param {string} folder */
function removeNow(folder) {
  if (!existsSync(folder)) return;
  const pids = runningIn(folder);
  // SIGQUIT and not SIGKILL: PostgreSQL then releases its shared memory.
  for (const pid of pids) for (const signal of /** @type {const} */ (['SIGQUIT', 'SIGCONT'])) sendSignal(pid, signal);
  const deadline = Date.now() + exitTimeoutMs;
  while (pids.some((pid) => startTimeOf(pid) !== undefined) && Date.now() < deadline) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  for (const pid of pids.filter((running) => startTimeOf(running) !== undefined)) sendSignal(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Pids of the servers of the run's suites and of their checkouts.
 *
 * @param {string} folder
 */
function runningIn(folder) {
  const directories = readdirSync(folder).map((name) => join(folder, name, '.data', 'running'));
  return [join(folder, 'running'), ...directories].flatMap((directory) =>
    pidFileNames(directory).flatMap((name) => readPidFile(directory, name)?.pid ?? []),
  );
}
