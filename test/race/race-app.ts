import { Redis } from 'ioredis';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { Env } from '../../src/config/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import type { LimitedConfig, PostgresLimits } from '../../src/database/postgres-client.js';
import { testEnv } from '../support/boot.js';
import { createCacheApp, type CacheApp } from '../cache/support/cache-app.js';
import type { VariantName } from './variants.js';
import { Ledger } from './ledger.js';
import { LANES, type Services } from './messages.js';
import type { Subject } from './schedule-runner.js';
import { bentoCaches } from './subjects/bentocache.js';
import { cacheManagerCaches } from './subjects/cache-manager.js';
import { databaseWithoutAfterCommit, WithoutLeases, WithoutStamps } from './subjects/guards-off.js';
import { serviceOf, subjectOf } from './subjects/ours.js';
import { Peer, type PeerCache } from './subjects/peer.js';

const SERVICES = Array.from({ length: LANES }, (_, lane) => serviceOf(lane));
const LEASE_MS = 10_000;
/** Large enough that no writer waits for a connection while others wait for a row. */
const POOL_SIZE = 20;
/** Time limit of Redis and PostgreSQL: late responses on a busy machine must not look like an outage. */
const TIMEOUT_MS = 10_000;

type DatabaseImport = Type | DynamicModule;

/** An application with one variant of the cache, and a subject for each lane. */
export interface RaceApp {
  readonly ledger: Ledger;
  readonly subjects: readonly Subject[];
  /** Sum over all caches. */
  total(counter: 'refusedPuts' | 'evictionRetries'): number;
  close(): Promise<void>;
}

export function createRaceApp(variant: VariantName, services: Services): Promise<RaceApp> {
  const { redisUrl } = services;
  switch (variant) {
    case 'ours':
      return createOurs(services);
    case 'no-lease':
      return createOurs(services, (redis) => new WithoutLeases(redis, LEASE_MS));
    case 'no-stamps':
      return createOurs(services, (redis) => new WithoutStamps(redis, LEASE_MS));
    case 'no-after-commit':
      return createOurs(services, undefined, databaseWithoutAfterCommit());
    case 'bentocache':
      return createPeer(services, bentoCaches(redisUrl));
    case 'cache-manager':
      return createPeer(services, cacheManagerCaches(redisUrl));
  }
}

async function createOurs(
  services: Services,
  storage?: (redis: Redis) => RedisStorage,
  database: DatabaseImport = DatabaseModule,
): Promise<RaceApp> {
  const redis = storage && new Redis(services.redisUrl);
  const overrides = storage && redis ? [{ token: RedisStorage, value: storage(redis) }] : [];
  const app = await createApp(services, SERVICES, overrides, database);
  return {
    ledger: app.get(Ledger),
    subjects: SERVICES.map((service) => subjectOf(app.get(service))),
    total: (counter) => Object.values(app.caches.stats()).reduce((sum, stats) => sum + stats[counter], 0),
    close: async () => {
      await app.close();
      redis?.disconnect();
    },
  };
}

async function createPeer(
  services: Services,
  caches: { cacheOf(lane: number): PeerCache; close(): Promise<unknown> },
): Promise<RaceApp> {
  const app = await createApp(services);
  const ledger = app.get(Ledger);
  return {
    ledger,
    subjects: SERVICES.map((_, lane) => new Peer(caches.cacheOf(lane), ledger)),
    total: () => 0,
    close: async () => {
      await app.close();
      await caches.close();
    },
  };
}

async function createApp(
  { databaseUrl, redisUrl }: Services,
  providers: Provider[] = [],
  overrides: readonly { token: unknown; value: unknown }[] = [],
  database: DatabaseImport = DatabaseModule,
): Promise<CacheApp> {
  const env = testEnv({ databaseUrl, redisUrl }, { DATABASE_POOL_SIZE: String(POOL_SIZE) });
  const app = await createCacheApp({
    redisUrl,
    databaseUrl,
    imports: [database],
    providers: [Ledger, ...providers],
    settings: { ttl: '10s' },
    overrides: [{ token: Env, value: env }, ...overrides],
  });
  await raiseTimeouts(app);
  return app;
}

async function raiseTimeouts(app: CacheApp): Promise<void> {
  const dataSource = app.get(DataSource);
  const pool = (dataSource.driver as PostgresDriver).master as Pool;
  const { limits } = pool.options as Partial<LimitedConfig>;
  if (limits) Object.assign(limits, { connectMs: TIMEOUT_MS, queryMs: TIMEOUT_MS } satisfies PostgresLimits);
  pool.options.statement_timeout = TIMEOUT_MS;
  // Replaces the connection that was opened with another timeout, and opens all others before the race begins.
  (await pool.connect()).release(true);
  await Promise.all(Array.from({ length: POOL_SIZE }, () => dataSource.query('SELECT pg_sleep(0.1)')));
}
