import { Module, type DynamicModule } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import type { Entry, Lease, Expiration, PutGuard, ReadResult, ReadOptions } from '../../../src/cache/storage/cache-storage.js';
import { RedisStorage } from '../../../src/cache/storage/redis-storage.js';
import { Env } from '../../../src/config/index.js';

/** Stores every loaded value, as caches without leases do. */
export class WithoutLeases extends RedisStorage {
  override async fill({ cache, key, tags }: Lease, entry: Entry, expiration: Expiration): Promise<boolean> {
    return this.put(await this.beginPut(cache, key, tags), key, entry, expiration);
  }
}

/** Detects a concurrent eviction of the entry itself, but neither of its tags nor a superseded put. */
export class WithoutStamps extends RedisStorage {
  override read(cache: string, key: string, _tags: unknown, options: ReadOptions): Promise<ReadResult> {
    return super.read(cache, key, [], options);
  }

  override async put(guard: PutGuard, key: string, entry: Entry, expiration: Expiration): Promise<boolean> {
    return super.put(await this.beginPut(guard.cache, key, expiration.tags), key, entry, expiration);
  }
}

@Module({})
class DatabaseWithoutAfterCommit {}

/** The database with the unmodified adapter from npm: cache operations run inside transactions. */
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
