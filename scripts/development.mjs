import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepare, root } from './install.mjs';
import { claimCheckout, localData } from './local-data.mjs';
import { checkPort, serve, servedAt } from './serve.mjs';
import { providePostgres, provideRedis } from './servers.mjs';
import { StepError, elapsed, print, step } from './steps.mjs';

/** @typedef {import('./session.mjs').Session} Session */

/**
 * Prepares a fresh clone as needed, starts the API and runs until it is stopped.
 *
 * @param {Session} session
 * @param {string} command as the reader typed it
 */
export async function start(session, command) {
  const begun = performance.now();
  const { env, serversEnded } = await provideAll(session, command);
  const api = await step('Start the API', () => serve(session, env), { prints: true });
  printBanner(api.url, env, begun);
  const what = await Promise.race([session.stopped, api.ended, serversEnded]);
  if (what !== undefined) throw new StepError(`${what}.`, `${command} starts everything again`);
}

/**
 * Prepares everything the API needs; returns its environment.
 *
 * @param {Session} session
 * @param {string} command
 */
export async function provideAll(session, command) {
  readDotEnv();
  await claimCheckout(session, servedAt().url);
  await checkPort(command);
  await prepare(session.stopping);
  const local = await localData();
  const postgres = await providePostgres(session, local);
  session.stopping.throwIfAborted();
  const redis = await provideRedis(session, local);
  session.stopping.throwIfAborted();
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    SAMPLE_DATA: process.env.SAMPLE_DATA || (process.env.DATABASE_URL ? 'off' : 'on'),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
  };
  if (process.env.NODE_ENV !== 'production') env.JWT_KEYS ||= local.jwtKey;
  await migrate(env, session.stopping);
  return { env, serversEnded: Promise.race([postgres.ended, redis.ended]) };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 */
export function migrate(env, signal) {
  return step('Migrate the database', async (note) => {
    try {
      const program = join(root, 'dist', 'migrate.js');
      const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: root, env, signal });
      for (const line of stdout.split('\n').filter(Boolean)) note(line.trim());
    } catch (error) {
      const { stderr, message } = /** @type {Error & { stderr?: string }} */ (error);
      throw new StepError(
        `The database could not be migrated:\n${stderr?.trim() || message}`,
        process.env.DATABASE_URL ? undefined : 'If its data is not needed any more: npm run reset',
      );
    }
  });
}

/**
 * Prints the URLs and demo accounts.
 *
 * @param {string} url
 * @param {NodeJS.ProcessEnv} env
 * @param {number} begun
 */
export function printBanner(url, env, begun) {
  const accounts = [
    '  Demo accounts, password green-seoul-demo:',
    '    user@ecogreen.example · premium@ecogreen.example · admin@ecogreen.example',
    '',
  ];
  const lines = [
    '',
    `EcoGreen Seoul API is ready after ${elapsed(begun)}.`,
    '',
    `  API          ${url}/api/v1`,
    `  Swagger UI   ${url}/docs`,
    '',
    // In production their passwords are random, and printed when they are created.
    ...(env.SAMPLE_DATA === 'on' && env.NODE_ENV !== 'production' ? accounts : []),
    '  Ctrl-C stops it and keeps the data.',
    '',
  ];
  print(lines.join('\n'));
}

/** Settings from the file .env, if there is one; those of the environment win. */
function readDotEnv() {
  const file = join(root, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}
