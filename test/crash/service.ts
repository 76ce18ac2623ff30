import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { CacheManager } from '../../src/cache/index.js';
import { CacheChanges } from '../../src/cache/runtime/cache-changes.js';
import { PlaceMarksService } from '../../src/places/marks/place-marks.service.js';
import { PlacesService } from '../../src/places/places.service.js';
import { ReviewsService } from '../../src/reviews/reviews.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { testEnv, testingModule } from '../support/boot.js';
import type { ServiceOptions } from './messages.js';

/** The whole service in this process, without its HTTP server. */
export interface Service {
  readonly places: PlacesService;
  readonly marks: PlaceMarksService;
  readonly reviews: ReviewsService;
  readonly users: UsersService;
  readonly caches: CacheManager;
  query<T>(sql: string, parameters?: unknown[]): Promise<T[]>;
  /** Runs a read in a transaction, in which cached methods bypass the cache. */
  uncached<T>(read: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openService({ databaseUrl, redisUrl, withOutbox }: ServiceOptions): Promise<Service> {
  const servers = { databaseUrl, redisUrl: `${redisUrl}/0` };
  const env = testEnv(servers, { REDIS_CACHE_URL: `${redisUrl}/1`, JOBS: 'off' });
  const builder = testingModule({ imports: [AppModule] }, env);
  // Only evictions bypass the outbox; other messages still use it.
  if (!withOutbox) builder.overrideProvider(CacheChanges).useValue(new CacheChanges(undefined));
  const module = await builder.compile();
  await module.init();
  const host = module.get<TransactionHost<TransactionalAdapterTypeOrm>>(TransactionHost, { strict: false });
  return {
    places: module.get(PlacesService, { strict: false }),
    marks: module.get(PlaceMarksService, { strict: false }),
    reviews: module.get(ReviewsService, { strict: false }),
    users: module.get(UsersService, { strict: false }),
    caches: module.get(CacheManager, { strict: false }),
    query: (sql, parameters) => module.get(DataSource).query(sql, parameters),
    uncached: (read) => host.withTransaction(read),
    close: () => module.close(),
  };
}
