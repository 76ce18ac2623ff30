import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster, startPostgres } from '../scripts/postgres.mjs';
import { freePort } from '../scripts/processes.mjs';
import { findRedis, startRedis } from '../scripts/redis.mjs';

/**
 * A throw-away PostgreSQL with the sample data and a throw-away Redis, and the environment that points at both.
 *
 * @param {Record<string, string | number>} [redisSettings] other than those of a cache
 */
export async function startServices(redisSettings = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'ecogreen-bench-'));
  await chmod(directory, 0o755); // PostgreSQL runs as another account when we are root
  const started = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await rm(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().finally(() => process.exit(130)));
  const redisBinary = findRedis();
  if (redisBinary === undefined) throw new Error('no redis-server on the PATH (apt-get install redis-server)');
  const password = randomBytes(16).toString('hex');
  const dataDir = join(directory, 'postgres');
  await createCluster({ dataDir, user: 'postgres', password, durable: false });
  const postgres = await startPostgres({ dataDir, port: await freePort(), logFile: join(directory, 'postgres.log') });
  started.push(postgres);
  const redis = await startRedis({
    binary: redisBinary,
    directory: join(directory, 'redis'),
    port: await freePort(),
    role: 'cache',
    settings: redisSettings,
  });
  started.push(redis);
  const env = {
    DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${postgres.port}/postgres`,
    REDIS_URL: `${redis.url}/0`,
    REDIS_CACHE_URL: `${redis.url}/1`,
    JWT_KEYS: randomBytes(48).toString('base64url'),
    SAMPLE_DATA: 'on',
    LOG_FORMAT: 'json',
    // Loads are counted: a hit that is checked against its source is one more.
    CACHE_VERIFY_SAMPLE_ONE_IN: '0',
  };
  execFileSync(process.execPath, ['dist/migrate.js'], { env: { ...process.env, ...env }, stdio: 'pipe' });
  const redisVersion = /v=([\d.]+)/.exec(execFileSync(redisBinary, ['--version'], { encoding: 'utf8' }))?.[1];
  return { env, redisVersion, stop };
}
