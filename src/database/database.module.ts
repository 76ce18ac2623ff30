import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { Env } from '../config/index.js';
import { ConnectionPool } from './connection-pool.js';
import { dataSourceOptions } from './data-source.js';
import { DatabaseProbe } from './database-probe.js';
import { DomainEvents } from './events/domain-events.js';
import { FencingTokens } from './fencing-tokens.js';
import { Outbox } from './outbox/outbox.js';
import { CommitAwareTypeOrmAdapter } from './transaction.js';

/** The connection pool to PostgreSQL, transactions that propagate along the call, and domain events. */
@Global()
@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TypeOrmModule.forRootAsync({
      inject: [Env],
      useFactory: (env: Env) => ({
        ...dataSourceOptions(env.databaseUrl, env.databasePoolSize),
        autoLoadEntities: true,
        retryAttempts: 3,
        retryDelay: 1_000,
      }),
    }),
    withoutUnusedEnhancers(ClsModule.forRoot({
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
    })),
  ],
  providers: [ConnectionPool, DatabaseProbe, DomainEvents, FencingTokens, Outbox],
  exports: [ClsModule, ConnectionPool, DatabaseProbe, DomainEvents, FencingTokens, Outbox],
})
export class DatabaseModule {}

/**
 * Removes the guard and the interceptor that nestjs-cls registers even if configured to mount neither; they do nothing,
 * but the interceptor would make Nest build a chain of Observables for every request.
 */
function withoutUnusedEnhancers(module: DynamicModule): DynamicModule {
  const imports = (module.imports ?? []) as DynamicModule[];
  const isUnused = (provider: unknown) =>
    [APP_GUARD, APP_INTERCEPTOR].includes((provider as { provide?: string }).provide ?? '');
  return {
    ...module,
    imports: imports.map((each) => ({ ...each, providers: each.providers?.filter((provider) => !isUnused(provider)) })),
  };
}
