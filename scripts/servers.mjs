import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { data, trackProcess } from './local-data.mjs';
import { createCluster, startPostgres } from './postgres.mjs';
import { redisServers, redisAddressForms } from './redis-address.mjs';
import { findOrInstallRedis, startRedis } from './redis.mjs';
import { StepError, step } from './steps.mjs';

/** @typedef {import('./local-data.mjs').LocalData} LocalData */
/** @typedef {import('./redis-address.mjs').Address} Address */
/**
 * `ended` settles with what happened, when it stops.
 *
 * @typedef {{ url: string, ended: Promise<string> }} Service
 */

const user = 'ecogreen';

/**
 * The PostgreSQL of DATABASE_URL, or one of our own with its data under .data/.
 *
 * @param {import('./session.mjs').Session} session
 * @param {LocalData} local
 * @returns {Promise<Service>}
 */
export async function providePostgres(session, local) {
  const given = process.env.DATABASE_URL;
  if (given) {
    return givenServers('DATABASE_URL', given, postgresServers(given), 'it must begin with postgres:// or postgresql://');
  }
  const dataDir = join(data, 'postgres');
  const password = local.postgresPassword;
  if (!existsSync(dataDir)) {
    await step('Make a database cluster', () => createCluster({ dataDir, user, password }));
  }
  return step('Start PostgreSQL', async (note) => {
    const logFile = join(data, 'postgres.log');
    const server = await startPostgres({ dataDir, port: local.postgresPort, logFile });
    trackProcess(session, 'postgres', server);
    note(`127.0.0.1:${server.port}`);
    const url = `postgres://${user}:${password}@127.0.0.1:${server.port}/postgres`;
    return { url, ended: server.ended.then(() => `PostgreSQL stopped; its log is ${logFile}`) };
  });
}

/**
 * The Redis of REDIS_URL, or a server of our own, durable, with its data under .data/.
 *
 * @param {import('./session.mjs').Session} session
 * @param {LocalData} local
 * @returns {Promise<Service>}
 */
export async function provideRedis(session, local) {
  const given = process.env.REDIS_URL;
  if (given) return givenServers('REDIS_URL', given, redisServers(given), `it must be ${redisAddressForms}`);
  const binary = await findOrInstallRedis();
  return step('Start Redis', async (note) => {
    const directory = join(data, 'redis');
    const { redisPort: port, redisPassword: password } = local;
    const server = await startRedis({ binary, directory, port, password, role: 'store' });
    trackProcess(session, 'redis', server);
    note(`127.0.0.1:${server.port}`);
    return { url: server.url, ended: server.ended.then(() => `Redis stopped; its log is ${directory}/redis.log`) };
  });
}

/**
 * @param {string} text
 * @returns {Address[] | undefined}
 */
function postgresServers(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) return undefined;
  return [{ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 5432) }];
}

/**
 * Servers the reader named: one of them must answer, or the API could only say so later and less clearly.
 *
 * @param {string} variable
 * @param {string} value
 * @param {Address[] | undefined} servers what the value names
 * @param {string} rule
 * @returns {Promise<Service>}
 */
function givenServers(variable, value, servers, rule) {
  const never = new Promise(() => undefined);
  return step(`Find the server of ${variable}`, async (note) => {
    // Neither is the value printed: it may hold a password.
    if (servers === undefined) {
      throw new StepError(
        `${variable} is not a usable address; ${rule}`,
        `Correct it, or unset it to use a server of our own: unset ${variable}`,
      );
    }
    const names = servers.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ');
    note(names);
    const problems = await Promise.all(servers.map(({ host, port }) => connectionProblem(host, port)));
    if (!problems.includes(undefined)) {
      throw new StepError(
        `Nothing answers at ${names}, which ${variable} names (${[...new Set(problems)].join(', ')}).`,
        `Start it, or unset ${variable} to use a server of our own: env -u ${variable} npm start`,
      );
    }
    return { url: value, ended: never };
  });
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<string | undefined>}
 */
function connectionProblem(host, port) {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const settle = (/** @type {string | undefined} */ problem) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(3000, () => settle('no answer within 3 s'));
    socket.once('connect', () => settle(undefined));
    socket.once('error', (/** @type {NodeJS.ErrnoException} */ error) => settle(error.code ?? error.message));
  });
}
