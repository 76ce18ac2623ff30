import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { StepError, print, step } = await import('./steps.mjs');
const { runCommand } = await import('./session.mjs');
const { root } = await import('./install.mjs');
const { data, trackedPids } = await import('./local-data.mjs');
const { startTimeOf, freePort } = await import('./processes.mjs');

const help = `npm run smoke: starts this checkout as a newcomer would and uses it.

Ready, a cached read, a login, a clean stop that preserves all data, and a second start within seconds (less than 10).

Usage: npm run smoke [-- --help]
`;
const secondStartWithinMs = 10_000;
const firstStartWithinMs = 10 * 60_000;
let passed = 0;
let failed = 1; // until it is through

await runCommand({
  help,
  work: async (session) => {
    try {
      await smoke(session);
      failed = 0;
    } finally {
      writeResult();
    }
  },
});

/** @param {import('./session.mjs').Session} session */
async function smoke(session) {
  const before = existsSync(data);
  const first = await check('npm start comes to ready', () => startServer(session, firstStartWithinMs));
  await check('GET /api/v1/places/1 turns from MISS to HIT', async () => {
    const outcomes = [await read(first, '/places/1'), await read(first, '/places/1')].map(({ cache }) => cache);
    // Data of an earlier start may hold the place in the cache already.
    equal(outcomes, before && outcomes[0] === 'HIT' ? ['HIT', 'HIT'] : ['MISS', 'HIT']);
  });
  const tokens = await check('the demo account logs in', () =>
    post(first, '/auth/login', { email: 'user@ecogreen.example', password: 'green-seoul-demo' }),
  );
  const place = await read(first, '/places/1');
  await check('Ctrl-C stops everything it started, with exit code 0', () => stopServer(first));
  const second = await check('it starts again', () => startServer(session, secondStartWithinMs));
  await check(`the second start takes ${second.seconds.toFixed(2)} s, less than ${secondStartWithinMs / 1000}`, () =>
    equal(second.seconds * 1000 < secondStartWithinMs, true),
  );
  await check('the data of PostgreSQL and Redis is preserved', async () => {
    equal((await read(second, '/places/1')).body, place.body);
    await post(second, '/auth/reissue', undefined, { refresh: String(tokens['refreshToken']) });
  });
  await check('it stops cleanly again', () => stopServer(second));
  print(`\nFirst start ${first.seconds.toFixed(1)} s, second start ${second.seconds.toFixed(2)} s.`);
}

/**
 * @template T
 * @param {string} fact
 * @param {() => Promise<T> | T} work
 */
async function check(fact, work) {
  const result = await step(fact, work);
  passed += 1;
  return result;
}

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {number} seconds from the command to ready
 * @property {import('node:child_process').ChildProcess} npm
 */

/**
 * @param {import('./session.mjs').Session} session
 * @param {number} withinMs
 * @returns {Promise<Server>}
 */
async function startServer(session, withinMs) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const begun = performance.now();
  const env = { ...process.env, DATABASE_URL: '', REDIS_URL: '', PORT: String(port), LOG_LEVEL: 'warn' };
  // A group of its own, as a terminal gives it one: Ctrl-C then means a signal to the whole group.
  const npm = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise((resolve) => npm.once('close', (code) => resolve(code)));
  const ready = new Promise((resolve) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk);
        if (output.includes('is ready after')) resolve('ready');
      });
    }
  });
  session.atEnd(() => signalGroup(npm, 'SIGTERM'));
  const late = new Promise((resolve) => setTimeout(resolve, withinMs + 30_000, 'late').unref());
  const outcome = await Promise.race([ready, ended, late, session.stopped]);
  if (outcome !== 'ready') throw new StepError(`npm start is not ready (${outcome}):\n${output}`);
  const seconds = (performance.now() - begun) / 1000;
  equal((await fetch(`${url}/health/ready`)).status, 200);
  return { url, seconds, npm };
}

/** @param {Server} server */
async function stopServer({ npm }) {
  const pids = trackedPids();
  equal(pids.length, 4); // the script, the API, PostgreSQL, Redis
  const ended = new Promise((resolve) => npm.once('exit', (code, signal) => resolve(signal ?? code)));
  signalGroup(npm, 'SIGINT');
  equal(await ended, 0);
  equal(pids.filter((pid) => startTimeOf(pid) !== undefined), []);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
}

/**
 * @param {Server} server
 * @param {string} path
 */
async function read({ url }, path) {
  const response = await fetch(`${url}/api/v1${path}`);
  equal([path, response.status], [path, 200]);
  return { cache: response.headers.get('x-cache'), body: await response.json() };
}

/**
 * @param {Server} server
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 */
async function post({ url }, path, body, headers = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  equal([path, response.status], [path, 200]);
  return /** @type {Record<string, string>} */ (await response.json());
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 */
function equal(actual, expected) {
  const [came, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (came !== wanted) throw new StepError(`Expected ${wanted}, got ${came}.`);
}

/** For `.ci/run`, in the form of Jest's own results. */
function writeResult() {
  const folder = process.env.TEST_RESULTS_DIR;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'smoke.json'), JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
}
