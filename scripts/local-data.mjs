import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';
import { endProcess, removePidFile, freePort, portProblem, readPidFile, writePidFile, pidFileNames } from './processes.mjs';
import { stopPostgres } from './postgres.mjs';
import { StepError, step } from './steps.mjs';

/** Data of this checkout that persists between starts. */
export const data = join(root, '.data');

/** Records of the processes that run for this checkout. */
const running = join(data, 'running');
const stateFile = join(data, 'local.json');

/**
 * @typedef {object} LocalData
 * @property {string} jwtKey signs the access tokens
 * @property {string} postgresPassword
 * @property {string} redisPassword
 * @property {number} postgresPort
 * @property {number} redisPort
 */

/**
 * Secrets and ports of this checkout: created once, readable only by the owner. A port that another process has
 * taken meanwhile is replaced.
 *
 * @returns {Promise<LocalData>}
 */
export async function localData() {
  const before = readState();
  const secret = () => randomBytes(36).toString('base64url');
  const after = {
    jwtKey: before.jwtKey ?? secret(),
    postgresPassword: before.postgresPassword ?? secret(),
    redisPassword: before.redisPassword ?? secret(),
    postgresPort: await portToUse(before.postgresPort),
    redisPort: await portToUse(before.redisPort),
  };
  // Written to another file and renamed: a crash must not leave half a file, since the data needs its passwords.
  writeFileSync(`${stateFile}.new`, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${stateFile}.new`, stateFile);
  return after;
}

/**
 * Claims this checkout for the running command, and kills the orphans of a crashed one.
 *
 * @param {import('./session.mjs').Session} session
 * @param {string} url at which it will serve
 */
export async function claimCheckout(session, url) {
  assertNotRunning();
  mkdirSync(data, { recursive: true });
  writePidFile(running, 'start', process.pid, { url });
  session.atEnd(() => removePidFile(running, 'start'));
  await killOrphans();
}

/** @throws StepError when this checkout is being served already */
export function assertNotRunning() {
  const other = readPidFile(running, 'start');
  if (!other) return;
  throw new StepError(
    `This checkout is already running: ${other.url} (process ${other.pid}).`,
    `Stop it first with Ctrl-C where it runs, or: kill ${other.pid}`,
  );
}

/** Ends processes that a killed command has left running: the API first, then its servers. */
export async function killOrphans() {
  const left = pidFileNames(running).sort().flatMap((name) => {
    const pid = name === 'start' ? undefined : readPidFile(running, name)?.pid;
    return pid === undefined ? [] : [{ name, pid }];
  });
  if (left.length > 0) {
    await step(`End orphans of a crash: ${left.map(({ name }) => name).join(', ')}`, async () => {
      for (const { name, pid } of left) await (name === 'postgres' ? stopPostgres(pid) : endProcess(pid));
    });
  }
  for (const name of pidFileNames(running)) if (name !== 'start') removePidFile(running, name);
}

/** Pids of the running processes of this checkout. */
export function trackedPids() {
  return pidFileNames(running).flatMap((name) => readPidFile(running, name)?.pid ?? []);
}

/**
 * Records a started process, and stops it when the run ends.
 *
 * @param {import('./session.mjs').Session} session
 * @param {string} name
 * @param {{ pid: number, stop: () => Promise<unknown> }} started
 */
export function trackProcess(session, name, { pid, stop }) {
  writePidFile(running, name, pid);
  session.atEnd(async () => {
    await stop();
    removePidFile(running, name);
  });
}

/** @param {number | undefined} before */
async function portToUse(before) {
  return before !== undefined && (await portProblem(before, '127.0.0.1')) === undefined ? before : freePort();
}

/** @returns {Partial<LocalData>} */
function readState() {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    throw new StepError(`${stateFile} cannot be read: ${/** @type {Error} */ (error).message}`, 'npm run reset');
  }
}
