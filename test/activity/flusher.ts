import type { DataSource } from 'typeorm';
import { ViewCountsRepository } from '../../src/activity/views/view-counts.repository.js';
import { ViewFlush } from '../../src/activity/views/view-flush.js';
import { ViewStore } from '../../src/activity/views/view-store.js';
import { ConfigModule } from '../../src/config/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import { Locks } from '../../src/locks/index.js';
import { PlacesService } from '../../src/places/index.js';
import { PlacesRepository } from '../../src/places/places.repository.js';
import { createClient, redisToken, serversOf, type RedisClient } from '../../src/redis/index.js';
import { testEnv, testingModule } from '../support/boot.js';
import type { TestServers } from '../support/test-servers.js';
import { until } from '../support/until.js';

/** The write-back of views without the rest of the service. */
export interface Flusher {
  readonly store: ViewStore;
  readonly flush: ViewFlush;
  close(): Promise<void>;
}

export async function openFlusher(servers: TestServers): Promise<Flusher> {
  const redis = await openRedis(servers.redisUrl);
  const store = { provide: redisToken('store'), useValue: redis };
  // `ViewFlush` uses only `lockExisting` of the service, which the repository has too.
  const places = { provide: PlacesService, useExisting: PlacesRepository };
  const providers = [store, Locks, PlacesRepository, places, ViewStore, ViewCountsRepository, ViewFlush];
  const env = testEnv(servers, { DATABASE_POOL_SIZE: '2' });
  const module = await testingModule({ imports: [ConfigModule, DatabaseModule], providers }, env).compile();
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

/** A client that is connected to every server. */
export async function openRedis(url: string): Promise<RedisClient> {
  const redis = createClient('store', url);
  // Otherwise ioredis writes errors to the console.
  redis.on('error', () => undefined);
  await until(() => redis.status === 'ready' && serversOf(redis).every(({ status }) => status === 'ready'), 20_000);
  return redis;
}

/** Inserts places 1 to `count`. */
export async function makePlaces(dataSource: DataSource, count: number): Promise<void> {
  await dataSource.query(`
    INSERT INTO place (name, category, address, district, lat, lng, description)
    SELECT 'p' || n, 'CAFE', 'a', '중구', 37.5, 127, 'd' FROM generate_series(1, ${count}) AS n
  `);
}
