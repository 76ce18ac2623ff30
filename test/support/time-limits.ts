import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { type SessionConfig } from '../../src/database/session-settings.js';
import { redisToken, type RedisClient } from '../../src/redis/index.js';

/** Time limit for dependencies in tests whose subject is no outage, since replies may be late on a busy machine. */
const RELAXED_MS = 10_000;
let usesProductionLimits = false;

/** Uses the time limits of production in the `describe` or file that calls it. Call it before other hooks. */
export function keepTimeLimits(): void {
  beforeAll(() => {
    usesProductionLimits = true;
  });
  afterAll(() => {
    usesProductionLimits = false;
  });
}

/** Raises the time limits for Redis and PostgreSQL of an application, unless `keepTimeLimits` was called. */
export async function relaxTimeLimits(app: INestApplicationContext): Promise<void> {
  if (usesProductionLimits) return;
  for (const role of ['store', 'cache'] as const) {
    raiseCommandTimeout(app.get<RedisClient>(redisToken(role), { strict: false }));
  }
  await raiseQueryTimeouts(app.get(DataSource, { strict: false }));
}

/** Raises the command timeout of a connection to Redis, unless `keepTimeLimits` was called. */
export function relaxCommandTimeout(redis: RedisClient): void {
  if (!usesProductionLimits) raiseCommandTimeout(redis);
}

function raiseCommandTimeout(redis: RedisClient): void {
  const nodes = redis instanceof Redis ? [redis] : redis.nodes();
  for (const { options } of nodes) options.commandTimeout = RELAXED_MS;
  if (redis instanceof Redis) return;
  const { redisOptions } = redis.options;
  if (redisOptions) redisOptions.commandTimeout = RELAXED_MS;
}

/**
 * Raises the limits for connections and statements, of present and future connections. Behind a pooler only those of
 * the process: a setting of a session would stay with the connection that the pooler shares.
 */
export async function raiseQueryTimeouts(dataSource: DataSource): Promise<void> {
  const { master } = dataSource.driver as unknown as { readonly master: Pool };
  master.options.statement_timeout = RELAXED_MS;
  Object.assign(master.options.limits, { connectMs: RELAXED_MS, queryMs: RELAXED_MS });
  if (master.options.refusesSettings === true) return;
  await Promise.all(master._clients.map((client) => client.query(`SET statement_timeout = ${RELAXED_MS}`)));
}

/** The pool of pg, whose list of clients is private. */
interface Pool {
  readonly options: SessionConfig & { statement_timeout: number; readonly limits: object };
  readonly _clients: readonly { query(sql: string): Promise<unknown> }[];
}
