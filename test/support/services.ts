import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { createCluster, startPostgres } from '../../scripts/postgres.mjs';
import { childrenOf, endProcess, forget, freePort, remember, sendSignal } from '../../scripts/processes.mjs';
import { findRedis, startRedis } from '../../scripts/redis.mjs';
import { createDataSource, migrate } from '../../src/database/index.js';
import { throwAway } from './test-run.mjs';

/** A database for one suite alone. */
export interface ProvidedDatabase {
  readonly url: string;
  /** Connections still open to it are cut. */
  drop(): Promise<void>;
}

/** A server for one suite, which may freeze, stop and restart it. */
export interface ProvidedServer {
  readonly url: string;
  /** Of the running server; another one after `stop()` and `start()`. */
  readonly pid: number;
  /** Freezes it (SIGSTOP): connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Ends it: connections break, new ones are refused. What its role keeps is on disk. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and data. */
  start(): Promise<void>;
  /** Ends it for good and deletes its data. */
  drop(): Promise<void>;
}

const template = 'migrated';

/** A migrated database without rows, on the PostgreSQL that all suites share: some 50 ms. */
export async function provideDatabase(): Promise<ProvidedDatabase> {
  await makeTemplate();
  return createDatabase(`TEMPLATE ${template}`);
}

/** A database without a schema, for tests of the migrations themselves. */
export function provideEmptyDatabase(): Promise<ProvidedDatabase> {
  return createDatabase('');
}

/**
 * A Redis process of its own, empty, in 30 ms: flushing, freezing, pub/sub and settings reach no other suite.
 *
 * @param role `store` keeps everything (AOF, noeviction), `cache` drops its oldest entries (allkeys-lru)
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

/** A PostgreSQL process of its own with one migrated database, in about 2 s: for suites that freeze or stop it. */
export async function providePostgres(): Promise<ProvidedServer> {
  const server = await provideServer('postgres', {
    prepare: (directory) => createCluster({ dataDir: directory, user: 'test', password: 'test', durable: false }),
    start: (directory, port) =>
      startPostgres({ dataDir: directory, port, logFile: `${directory}.log`, settings: throwAway }),
    signal: signalPostgres,
    urlOf: (port) => `postgres://test:test@127.0.0.1:${port}/postgres`,
  });
  await runMigrations(server.url);
  return server;
}

/** How a kind of server is started, stopped and addressed. */
export interface Kind {
  prepare?(directory: string): Promise<void>;
  start(directory: string, port: number): Promise<{ pid: number; stop(): Promise<void> }>;
  signal(pid: number, signal: NodeJS.Signals): void;
  urlOf(port: number): string;
}

/** A server in a folder of its own, remembered so that the end of the run ends it. */
export async function provideServer(name: string, kind: Kind): Promise<ProvidedServer> {
  const id = `${name}-${randomUUID()}`;
  const directory = join(runFolder(), id);
  const running = join(runFolder(), 'running');
  const start = async (port: number) => {
    const server = await kind.start(directory, port);
    remember(running, id, server.pid);
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
      forget(running, id);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Each connection is a process of its own; the parent goes first, so that no new one appears meanwhile. */
function signalPostgres(pid: number, signal: NodeJS.Signals): void {
  sendSignal(pid, signal);
  for (const child of childrenOf(pid)) sendSignal(child, signal);
}

/** The first suite that needs it migrates a database; the others wait for it, and all copies are taken from it. */
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
