import { Test } from '@nestjs/testing';
import type { DataSource } from 'typeorm';
import { ViewCountsRepository } from '../../src/activity/views/view-counts.repository.js';
import { ViewFlush } from '../../src/activity/views/view-flush.js';
import { ViewStore } from '../../src/activity/views/view-store.js';
import { ConfigModule, Env, loadEnv } from '../../src/config/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import { Locks } from '../../src/locks/index.js';
import { PlacesService } from '../../src/places/index.js';
import { PlacesRepository } from '../../src/places/places.repository.js';
import { createClient, redisToken, serversOf, type RedisClient } from '../../src/redis/index.js';
import { until } from '../support/until.js';

/** What a process needs to take part. */
export interface Surroundings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** What writes views back, alone. */
export interface Flusher {
  readonly store: ViewStore;
  readonly flush: ViewFlush;
  close(): Promise<void>;
}

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

export async function openFlusher({ databaseUrl, redisUrl }: Surroundings): Promise<Flusher> {
  const settings = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, DATABASE_POOL_SIZE: '2' };
  const env = loadEnv({ ...settings, JWT_KEYS: 'only-for-tests-Tq7vXk2MzR9bWc4LdN8sH' });
  const redis = await openRedis(redisUrl);
  const store = { provide: redisToken('store'), useValue: redis };
  // Of the service only `lockExisting` is used, which the repository has, too.
  const places = { provide: PlacesService, useExisting: PlacesRepository };
  const module = await Test.createTestingModule({
    imports: [ConfigModule, DatabaseModule],
    providers: [store, Locks, PlacesRepository, places, ViewStore, ViewCountsRepository, ViewFlush],
  }).overrideProvider(Env).useValue(env).setLogger(silent).compile();
  await module.init();
  return {
    store: module.get(ViewStore),
    flush: module.get(ViewFlush),
    close: async () => {
      await module.close();
      redis.disconnect();
    },
  };
}

/** A client of which every server is connected to. */
export async function openRedis(url: string): Promise<RedisClient> {
  const redis = createClient('store', url);
  // ioredis would write them to the console.
  redis.on('error', () => undefined);
  await until(() => redis.status === 'ready' && serversOf(redis).every(({ status }) => status === 'ready'), 20_000);
  return redis;
}

/** Places 1 to `count`. */
export async function makePlaces(dataSource: DataSource, count: number): Promise<void> {
  await dataSource.query(`
    INSERT INTO place (name, category, address, district, lat, lng, description)
    SELECT 'p' || n, 'CAFE', 'a', '중구', 37.5, 127, 'd' FROM generate_series(1, ${count}) AS n
  `);
}
