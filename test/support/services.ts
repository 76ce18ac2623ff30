import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { createCluster, startPostgres } from '../../scripts/postgres.mjs';
import { childrenOf, endProcess, removePidFile, freePort, writePidFile, sendSignal } from '../../scripts/processes.mjs';
import { findRedis, startRedis } from '../../scripts/redis.mjs';
import { createDataSource, migrate } from '../../src/database/index.js';
import { DISPOSABLE } from './test-run.mjs';

/** Database of one suite. */
export interface ProvidedDatabase {
  readonly url: string;
  /** Drops the database and closes its connections. */
  drop(): Promise<void>;
}

/** Server of one suite, which may freeze, stop and restart it. */
export interface ProvidedServer {
  readonly url: string;
  /** Pid of the running process; changes with `stop()` and `start()`. */
  readonly pid: number;
  /** Freezes it (SIGSTOP): connections stay open without responses. */
  pause(): void;
  resume(): void;
  /** Ends it: connections break, new ones are refused. The data of a durable role stays on disk. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and data. */
  start(): Promise<void>;
  /** Ends it for good and deletes its data. */
  drop(): Promise<void>;
}

const template = 'migrated';

/** Creates a migrated database without rows on the shared PostgreSQL, in about 50 ms. */
export async function provideDatabase(): Promise<ProvidedDatabase> {
  await makeTemplate();
  return createDatabase(`TEMPLATE ${template}`);
}

/** Creates a database without a schema, for tests of the migrations. */
export function provideEmptyDatabase(): Promise<ProvidedDatabase> {
  return createDatabase('');
}

/**
 * Starts an empty Redis process in about 30 ms; flushes, freezes, pub/sub and settings affect no other suite.
 *
 * @param role `store` is durable (AOF, noeviction), `cache` drops the least recently used entries (allkeys-lru)
 */
export function provideRedis(
  role: 'store' | 'cache' = 'store',
  settings: Record<string, string | number> = {},
): Promise<ProvidedServer> {
  const binary = findRedis();
  if (binary === undefined) throw new Error('no redis-server 7 or valkey-server on the PATH; npm test installs one');
  return provideServer('redis', {
    start: (directory, port) => startRedis({ binary, directory, port, role, settings }),
    signal: (pid, signal) => sendSignal(pid, signal),
    urlOf: (port) => `redis://127.0.0.1:${port}`,
  });
}

/** Starts a PostgreSQL process with one migrated database, in about 2 s; for suites that freeze or stop it. */
export async function providePostgres(): Promise<ProvidedServer> {
  const server = await provideServer('postgres', {
    prepare: (directory) => createCluster({ dataDir: directory, user: 'test', password: 'test', durable: false }),
    start: (directory, port) =>
      startPostgres({ dataDir: directory, port, logFile: `${directory}.log`, settings: DISPOSABLE }),
    signal: signalPostgres,
    urlOf: (port) => `postgres://test:test@127.0.0.1:${port}/postgres`,
  });
  await runMigrations(server.url);
  return server;
}

/** Functions that start, stop and address a kind of server. */
export interface Kind {
  prepare?(directory: string): Promise<void>;
  start(directory: string, port: number): Promise<{ pid: number; stop(): Promise<void> }>;
  signal(pid: number, signal: NodeJS.Signals): void;
  urlOf(port: number): string;
}

/** Starts a server in a folder of its own, and records its pid so that the end of the run ends it. */
export async function provideServer(name: string, kind: Kind): Promise<ProvidedServer> {
  const id = `${name}-${randomUUID()}`;
  const directory = join(runFolder(), id);
  const running = join(runFolder(), 'running');
  const start = async (port: number) => {
    const server = await kind.start(directory, port);
    writePidFile(running, id, server.pid);
    return server;
  };
  await kind.prepare?.(directory);
  const port = await freePort();
  let server = await start(port);
  return {
    url: kind.urlOf(port),
    get pid() {
      return server.pid;
    },
    pause: () => kind.signal(server.pid, 'SIGSTOP'),
    resume: () => kind.signal(server.pid, 'SIGCONT'),
    stop: async () => {
      kind.signal(server.pid, 'SIGCONT');
      await server.stop();
    },
    start: async () => {
      server = await start(port);
    },
    drop: async () => {
      kind.signal(server.pid, 'SIGCONT');
      await endProcess(server.pid, 'SIGQUIT');
      removePidFile(running, id);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Signals the parent first, so that it starts no further process meanwhile; each connection is a process. */
function signalPostgres(pid: number, signal: NodeJS.Signals): void {
  sendSignal(pid, signal);
  for (const child of childrenOf(pid)) sendSignal(child, signal);
}

/** Migrates the template database once; concurrent suites wait for it. */
async function makeTemplate(): Promise<void> {
  await asAdmin(async (admin) => {
    await admin.query(`SELECT pg_advisory_lock(hashtext('${template}'))`);
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount !== 0) return;
    await admin.query(`CREATE DATABASE unfinished`);
    await runMigrations(urlOf('unfinished')).catch(async (error: unknown) => {
      await admin.query('DROP DATABASE unfinished WITH (FORCE)');
      throw error;
    });
    await admin.query(`ALTER DATABASE unfinished RENAME TO ${template}`);
  });
}

async function runMigrations(url: string): Promise<void> {
  const dataSource = await createDataSource(url).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

async function createDatabase(from: string): Promise<ProvidedDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${escapeIdentifier(name)} ${from}`));
  return {
    url: urlOf(name),
    drop: async () => {
      await asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`));
    },
  };
}

async function asAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(given('TEST_DATABASE_URL'));
  url.pathname = `/${database}`;
  return url.href;
}

function runFolder(): string {
  return given('TEST_RUN_DIR');
}

function given(variable: 'TEST_DATABASE_URL' | 'TEST_RUN_DIR'): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: run the tests through Jest's own configuration`);
  return value;
}
