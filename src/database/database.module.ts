import { Global, Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { Env } from '../config/index.js';
import { ConnectionPool } from './connection-pool.js';
import { dataSourceOptions } from './data-source.js';
import { DatabaseProbe } from './database-probe.js';
import { Outbox } from './outbox/outbox.js';
import { CommitAwareTypeOrmAdapter } from './transaction.js';

/** The connection pool to PostgreSQL, and transactions that follow the call (`@Transactional()`). */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Env],
      useFactory: (env: Env) => ({
        ...dataSourceOptions(env.databaseUrl, env.databasePoolSize),
        autoLoadEntities: true,
        retryAttempts: 3,
        retryDelay: 1_000,
      }),
    }),
    ClsModule.forRoot({
      global: true,
      middleware: { mount: false },
      guard: { mount: false },
      interceptor: { mount: false },
      plugins: [
        new ClsPluginTransactional({
          imports: [TypeOrmModule],
          adapter: new CommitAwareTypeOrmAdapter({ dataSourceToken: getDataSourceToken() }),
        }),
      ],
    }),
  ],
  providers: [ConnectionPool, DatabaseProbe, Outbox],
  exports: [ClsModule, ConnectionPool, DatabaseProbe, Outbox],
})
export class DatabaseModule {}
