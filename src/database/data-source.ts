import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from './migrations/index.js';
import { PostgresClient, PostgresPool, type PostgresLimits } from './postgres-client.js';
import { SessionClient, SessionPool } from './session-settings.js';
import { SnakeNamingStrategy } from './snake-naming.strategy.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** Maximum wait of a request for a connection, and for one statement: together less than two seconds. */
const CONNECT_TIMEOUT_MS = 700;
const QUERY_TIMEOUT_MS = 1_250;
/**
 * Shorter than the query timeout: PostgreSQL cancels a statement that is merely slow, and the connection stays open.
 */
const STATEMENT_TIMEOUT_MS = QUERY_TIMEOUT_MS - 100;

/** Connection options of the service: every wait is bounded, and only migrations change the schema. */
export function dataSourceOptions(url: string, poolSize: number): PostgresOptions {
  return {
    ...schemaOptions(url),
    poolSize,
    driver: { ...pg, Pool: PostgresPool },
    extra: {
      Client: PostgresClient,
      limits: { connectMs: CONNECT_TIMEOUT_MS, queryMs: QUERY_TIMEOUT_MS } satisfies PostgresLimits,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: 10_000,
      application_name: 'ecogreen',
    },
  };
}

/** A data source for migrations and tests: no statement timeout. */
export function createDataSource(url: string): DataSource {
  return new DataSource({
    ...schemaOptions(url),
    poolSize: 2,
    driver: { ...pg, Pool: SessionPool },
    extra: { Client: SessionClient },
  });
}

function schemaOptions(url: string): PostgresOptions {
  return {
    type: 'postgres',
    url,
    synchronize: false,
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migration',
    namingStrategy: new SnakeNamingStrategy(),
  };
}
