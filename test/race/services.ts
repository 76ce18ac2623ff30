import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster, startPostgres } from '../../scripts/postgres.mjs';
import { freePort } from '../../scripts/processes.mjs';
import { findOrInstallRedis, startRedis } from '../../scripts/redis.mjs';
import type { Session } from '../../scripts/session.mjs';
import { createDataSource, migrate } from '../../src/database/index.js';
import { DISPOSABLE } from '../support/test-run.mjs';
import type { Services } from './messages.js';

/** A temporary PostgreSQL with our schema and a temporary Redis, which stop with the session. */
export async function startServices(session: Session): Promise<Services> {
  const directory = await mkdtemp(join(tmpdir(), 'ecogreen-race-'));
  session.atEnd(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755); // PostgreSQL runs as another account when we are root
  const binary = await findOrInstallRedis();
  const folder = join(directory, 'redis');
  const redis = await startRedis({ binary, directory: folder, port: await freePort(), role: 'cache' });
  session.atEnd(() => redis.stop());
  const dataDir = join(directory, 'postgres');
  await createCluster({ dataDir, user: 'race', password: 'race', durable: false });
  const logFile = join(directory, 'postgres.log');
  const postgres = await startPostgres({ dataDir, port: await freePort(), logFile, settings: DISPOSABLE });
  session.atEnd(() => postgres.stop());
  const databaseUrl = `postgres://race:race@127.0.0.1:${postgres.port}/postgres`;
  const dataSource = await createDataSource(databaseUrl).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
  return { databaseUrl, redisUrl: redis.url };
}
