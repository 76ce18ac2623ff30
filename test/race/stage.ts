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
import type { ContestantName } from './contestants.js';
import { Ledger } from './ledger.js';
import { LANES, type Services } from './messages.js';
import type { Subject } from './player.js';
import { bentoCaches } from './subjects/bentocache.js';
import { cacheManagerCaches } from './subjects/cache-manager.js';
import { databaseWithoutAfterCommit, WithoutLeases, WithoutStamps } from './subjects/guards-off.js';
import { serviceOf, subjectOf } from './subjects/ours.js';
import { Peer, type PeerCache } from './subjects/peer.js';

const SERVICES = Array.from({ length: LANES }, (_, lane) => serviceOf(lane));
const LEASE_MS = 10_000;
/** Enough that no writer waits for a connection while others wait for a row. */
const POOL_SIZE = 20;
/** A busy machine is no outage: what happens when an answer comes late is another matter. */
const PATIENCE_MS = 10_000;

type DatabaseImport = Type | DynamicModule;

/** One contestant in one process: a small application, and a subject for each lane. */
export interface Stage {
  readonly ledger: Ledger;
  readonly subjects: readonly Subject[];
  /** Over all caches. */
  sumOf(figure: 'refusedPuts' | 'evictionRetries'): number;
  close(): Promise<void>;
}

export function openStage(contestant: ContestantName, services: Services): Promise<Stage> {
  const { redisUrl } = services;
  switch (contestant) {
    case 'ours':
      return openOurs(services);
    case 'no-lease':
      return openOurs(services, (redis) => new WithoutLeases(redis, LEASE_MS));
    case 'no-stamps':
      return openOurs(services, (redis) => new WithoutStamps(redis, LEASE_MS));
    case 'no-after-commit':
      return openOurs(services, undefined, databaseWithoutAfterCommit());
    case 'bentocache':
      return openPeer(services, bentoCaches(redisUrl));
    case 'cache-manager':
      return openPeer(services, cacheManagerCaches(redisUrl));
  }
}

async function openOurs(
  services: Services,
  storage?: (redis: Redis) => RedisStorage,
  database: DatabaseImport = DatabaseModule,
): Promise<Stage> {
  const redis = storage && new Redis(services.redisUrl);
  const overrides = storage && redis ? [{ token: RedisStorage, value: storage(redis) }] : [];
  const app = await openApp(services, SERVICES, overrides, database);
  return {
    ledger: app.get(Ledger),
    subjects: SERVICES.map((service) => subjectOf(app.get(service))),
    sumOf: (figure) => Object.values(app.caches.stats()).reduce((sum, figures) => sum + figures[figure], 0),
    close: async () => {
      await app.close();
      redis?.disconnect();
    },
  };
}

async function openPeer(
  services: Services,
  caches: { cacheOf(lane: number): PeerCache; close(): Promise<unknown> },
): Promise<Stage> {
  const app = await openApp(services);
  const ledger = app.get(Ledger);
  return {
    ledger,
    subjects: SERVICES.map((_, lane) => new Peer(caches.cacheOf(lane), ledger)),
    sumOf: () => 0,
    close: async () => {
      await app.close();
      await caches.close();
    },
  };
}

async function openApp(
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
  await bePatient(app);
  return app;
}

async function bePatient(app: CacheApp): Promise<void> {
  const dataSource = app.get(DataSource);
  const pool = (dataSource.driver as PostgresDriver).master as Pool;
  const { limits } = pool.options as Partial<LimitedConfig>;
  if (limits) Object.assign(limits, { connectMs: PATIENCE_MS, queryMs: PATIENCE_MS } satisfies PostgresLimits);
  pool.options.statement_timeout = PATIENCE_MS;
  // The one that is open already has learnt another patience. The others are opened now, not during the race.
  (await pool.connect()).release(true);
  await Promise.all(Array.from({ length: POOL_SIZE }, () => dataSource.query('SELECT pg_sleep(0.1)')));
}
