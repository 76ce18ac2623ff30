import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lastLines } from './postgres.mjs';
import { startTimeOf, endProcess } from './processes.mjs';
import { StepError } from './steps.mjs';
import { findOrInstall, findProgram } from './system-packages.mjs';

/** Lua scripts and commands of Redis 7 are used; every Valkey has them. */
const baseline = 7;

const inContainer = [
  'docker run --detach --name ecogreen-redis --publish 127.0.0.1:6379:6379 redis:7 --appendonly yes',
  'then: REDIS_URL=redis://127.0.0.1:6379 npm start',
].join('\n');

/**
 * Settings by role: the store is durable; the cache may evict entries at any time and starts empty.
 */
const roles = {
  store: { 'maxmemory-policy': 'noeviction', appendonly: 'yes', appendfsync: 'everysec' },
  cache: { 'maxmemory-policy': 'allkeys-lru', maxmemory: '256mb', appendonly: 'no' },
};

/**
 * @typedef {object} RedisServer
 * @property {number} pid
 * @property {number} port on 127.0.0.1
 * @property {string} url
 * @property {Promise<void>} ended settles when the server has exited, for any reason
 * @property {() => Promise<void>} stop writes the data first, if the role is durable
 */

/**
 * A redis-server or valkey-server on the PATH that is new enough.
 *
 * @returns {string | undefined}
 */
export function findRedis() {
  return ['redis-server', 'valkey-server'].flatMap((name) => findProgram(name) ?? []).find(isNewEnough);
}

/** The server found, or installed where that is possible, else an error with the command to run. */
export function findOrInstallRedis() {
  return findOrInstall({
    what: `Redis ${baseline} or newer (or Valkey)`,
    find: findRedis,
    packages: { brew: 'redis', apt: 'redis-server', dnf: 'valkey', apk: 'valkey' },
    otherwise: inContainer,
  });
}

/**
 * Starts a server on 127.0.0.1 and waits until it responds.
 *
 * @param {{ binary: string, directory: string, port: number, role: keyof typeof roles, password?: string,
 *   settings?: Record<string, string | number> }} server `directory` holds its data, settings and log
 * @returns {Promise<RedisServer>}
 */
export async function startRedis({ binary, directory, port, role, password, settings = {} }) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const configFile = join(directory, 'redis.conf');
  const logFile = join(directory, 'redis.log');
  const all = {
    bind: '127.0.0.1', port, dir: `"${directory}"`, daemonize: 'no', save: '""', 'set-proc-title': 'no',
    ...(password === undefined ? {} : { requirepass: password }), ...roles[role], ...settings,
  };
  // A file instead of arguments: every user of the machine can read a command line, and this contains the password.
  const lines = Object.entries(all).map(([name, value]) => `${name} ${value}\n`);
  await writeFile(configFile, lines.join(''), { mode: 0o600 });

  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(binary, [configFile], { cwd: directory, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => child.once('close', () => resolve(undefined)));
  const failed = new Promise((resolve) => child.once('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw new StepError(`${binary} could not be run: ${String(await failed)}`);
  child.unref();
  while (!(await responds(port, password))) {
    if (startTimeOf(pid) === undefined) {
      throw new StepError(`Redis stopped while starting. The end of ${logFile}:\n${lastLines(logFile)}`);
    }
    await pause(10);
  }
  const login = password === undefined ? '' : `:${password}@`;
  return { pid, port, url: `redis://${login}127.0.0.1:${port}`, ended, stop: () => endProcess(pid, 'SIGTERM', 30_000) };
}

/** @param {string} path */
function isNewEnough(path) {
  try {
    const version = /v=(\d+)\./.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1];
    return Number(version) >= baseline;
  } catch {
    return false;
  }
}

/**
 * @param {number} port
 * @param {string | undefined} password
 * @returns {Promise<boolean>}
 */
function responds(port, password) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (/** @type {boolean} */ result) => {
      socket.destroy();
      resolve(result);
    };
    let received = '';
    socket.setTimeout(1000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.on('data', (chunk) => {
      received += String(chunk);
      if (received.includes('+PONG')) done(true);
      else if (received.includes('-LOADING')) done(false);
    });
    socket.write(`${password === undefined ? '' : `AUTH ${password}\r\n`}PING\r\n`);
  });
}
