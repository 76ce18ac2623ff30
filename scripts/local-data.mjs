import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';
import { endProcess, forget, freePort, portProblem, recall, remember, remembered } from './processes.mjs';
import { stopPostgres } from './postgres.mjs';
import { StepError, step } from './steps.mjs';

/** What this checkout keeps between two starts. */
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
 * Secrets and ports of this checkout: created once, readable only by the owner. A port that somebody else has
 * taken meanwhile is chosen again.
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
  // Written aside and renamed: a crash must not leave half a file, for the passwords are the way to the data.
  writeFileSync(`${stateFile}.new`, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${stateFile}.new`, stateFile);
  return after;
}

/**
 * Claims this checkout for the running command, after ending what a crashed one left behind.
 *
 * @param {import('./session.mjs').Session} session
 * @param {string} url where it is going to serve
 */
export async function claimCheckout(session, url) {
  refuseWhileRunning();
  mkdirSync(data, { recursive: true });
  remember(running, 'start', process.pid, { url });
  session.atEnd(() => forget(running, 'start'));
  await endLeftovers();
}

/** @throws StepError when this checkout is being served already */
export function refuseWhileRunning() {
  const other = recall(running, 'start');
  if (!other) return;
  throw new StepError(
    `This checkout is already running: ${other.url} (process ${other.pid}).`,
    `Stop it first with Ctrl-C where it runs, or: kill ${other.pid}`,
  );
}

/** Ends what a command that was killed could not: the API first, then what it stands on. */
export async function endLeftovers() {
  const left = remembered(running).sort().flatMap((name) => {
    const pid = name === 'start' ? undefined : recall(running, name)?.pid;
    return pid === undefined ? [] : [{ name, pid }];
  });
  if (left.length > 0) {
    await step(`End what a crash left running: ${left.map(({ name }) => name).join(', ')}`, async () => {
      for (const { name, pid } of left) await (name === 'postgres' ? stopPostgres(pid) : endProcess(pid));
    });
  }
  for (const name of remembered(running)) if (name !== 'start') forget(running, name);
}

/** The processes of this checkout that run now. */
export function processesOnRecord() {
  return remembered(running).flatMap((name) => recall(running, name)?.pid ?? []);
}

/**
 * Keeps a started process on record until the run ends, when it is stopped.
 *
 * @param {import('./session.mjs').Session} session
 * @param {string} name
 * @param {{ pid: number, stop: () => Promise<unknown> }} started
 */
export function keepOnRecord(session, name, { pid, stop }) {
  remember(running, name, pid);
  session.atEnd(async () => {
    await stop();
    forget(running, name);
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
