import { Module, type DynamicModule } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import type { Entry, Lease, Expiration, PutGuard, ReadResult, ReadOptions } from '../../../src/cache/storage/cache-storage.js';
import { RedisStorage } from '../../../src/cache/storage/redis-storage.js';
import { Env } from '../../../src/config/index.js';

/** Keeps whatever was loaded, as caches without leases do. */
export class WithoutLeases extends RedisStorage {
  override async fill({ cache, key, tags }: Lease, entry: Entry, life: Expiration): Promise<boolean> {
    return this.put(await this.beginPut(cache, key, tags), key, entry, life);
  }
}

/** Sees that the entry itself was evicted meanwhile, but neither its tags nor what a put must look at. */
export class WithoutStamps extends RedisStorage {
  override read(cache: string, key: string, _tags: unknown, wish: ReadOptions): Promise<ReadResult> {
    return super.read(cache, key, [], wish);
  }

  override async put(ticket: PutGuard, key: string, entry: Entry, life: Expiration): Promise<boolean> {
    return super.put(await this.beginPut(ticket.cache, key, life.tags), key, entry, life);
  }
}

@Module({})
class DatabaseWithoutAfterCommit {}

/** The database with the adapter as it is on npm: the cache is not told of transactions, and acts inside them. */
export function databaseWithoutAfterCommit(): DynamicModule {
  const adapter = new TransactionalAdapterTypeOrm({ dataSourceToken: getDataSourceToken() });
  return {
    module: DatabaseWithoutAfterCommit,
    imports: [
      TypeOrmModule.forRootAsync({
        inject: [Env],
        useFactory: ({ databaseUrl: url, databasePoolSize: poolSize }: Env) => ({ type: 'postgres', url, poolSize }),
      }),
      ClsModule.forRoot({ global: true, plugins: [new ClsPluginTransactional({ imports: [TypeOrmModule], adapter })] }),
    ],
  };
}
