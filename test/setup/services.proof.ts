import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { Redis } from 'ioredis';
import { unprivilegedAccount } from '../../scripts/unprivileged-account.mjs';
import { createCluster, startPostgres } from '../../scripts/postgres.mjs';
import { startTimeOf, endProcess, freePort } from '../../scripts/processes.mjs';
import { until } from '../support/until.js';
import { provideDatabase, provideEmptyDatabase, providePostgres, provideRedis } from '../support/services.js';

const frozen = Symbol('no response');

/** Result of a promise, or `frozen` after 150 ms. */
function resultOrFrozen<T>(result: Promise<T>): Promise<T | typeof frozen> {
  return Promise.race([result, new Promise<typeof frozen>((resolve) => setTimeout(() => resolve(frozen), 150))]);
}

/** Starts a zombie of PostgreSQL's account: an ended process whose pid is in use until its parent waits for it. */
async function startZombie(directory: string): Promise<{ pid: number; parent: ChildProcess }> {
  const account = unprivilegedAccount(directory);
  const script = 'sleep 0.1 & echo $!; exec sleep 60';
  const parent = spawn('sh', ['-c', script], { ...account, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(String(line));
  await until(() => startTimeOf(pid) === undefined);
  return { pid, parent };
}

describe('a killed PostgreSQL', () => {
  it('starts again while its pid is still taken by a zombie', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'killed-'));
    // PostgreSQL runs as an unprivileged account, which needs access.
    chmodSync(directory, 0o755);
    const dataDir = join(directory, 'postgres');
    await createCluster({ dataDir, user: 'test', password: 'test', durable: false });
    const { pid, parent } = await startZombie(directory);
    writeFileSync(join(dataDir, 'postmaster.pid'), `${pid}\n${dataDir}\n`);
    const logFile = join(directory, 'log');
    const server = await startPostgres({ dataDir, port: await freePort(), logFile }).finally(() => parent.kill());
    await endProcess(server.pid, 'SIGQUIT');
    rmSync(directory, { recursive: true, force: true });
  });
});

describe('test databases', () => {
  it('are separate and migrated', async () => {
    const [one, other] = await Promise.all([provideDatabase(), provideDatabase()]);
    const client = new Client(one.url);
    await client.connect();
    const { rows } = await client.query(
      "SELECT to_regclass('migration') AS migrations, current_setting('TimeZone') AS zone",
    );
    await client.end();
    expect(one.url).not.toBe(other.url);
    expect(rows).toEqual([{ migrations: 'migration', zone: 'UTC' }]);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('treat Hangul as letters in trigrams', async () => {
    const database = await provideEmptyDatabase();
    const client = new Client(database.url);
    await client.connect();
    await client.query('CREATE EXTENSION pg_trgm');
    const { rows } = await client.query(
      "SELECT similarity('마포구', '마포구 망원동') > 0.3 AS alike, '마포' ~ '^[[:alpha:]]+$' AS letters",
    );
    await client.end();
    await database.drop();
    expect(rows).toEqual([{ alike: true, letters: true }]);
  });

  it('survive a freeze, a stop and a restart without losing commits', async () => {
    const server = await providePostgres();
    const client = new Client(server.url);
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE TABLE note (n int)');
    server.pause();
    const response = client.query('INSERT INTO note VALUES (1)');
    expect(await resultOrFrozen(response)).toBe(frozen);
    server.resume();
    await response;
    await server.stop();
    await expect(new Client(server.url).connect()).rejects.toThrow('ECONNREFUSED');
    await server.start();
    const again = new Client(server.url);
    await again.connect();
    expect((await again.query('SELECT n FROM note')).rows).toEqual([{ n: 1 }]);
    await again.end();
    await server.drop();
  });
});

describe('test Redis servers', () => {
  it.each([
    ['store', 'noeviction', 'yes'],
    ['cache', 'allkeys-lru', 'no'],
  ] as const)('start as %s with %s', async (role, policy, appendOnly) => {
    const server = await provideRedis(role);
    const redis = new Redis(server.url);
    const settings = await redis.config('GET', 'maxmemory-policy', 'appendonly');
    expect(settings).toEqual(expect.arrayContaining([policy, appendOnly]));
    redis.disconnect();
    await server.drop();
  });

  it('freeze, stop and restart, after which a store has its keys', async () => {
    const server = await provideRedis('store');
    const redis = new Redis(server.url, { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
    await redis.set('key', '1');
    server.pause();
    const response = redis.get('key');
    expect(await resultOrFrozen(response)).toBe(frozen);
    server.resume();
    expect(await response).toBe('1');
    await server.stop();
    await server.start();
    expect(await redis.get('key')).toBe('1');
    redis.disconnect();
    await server.drop();
  });
});
