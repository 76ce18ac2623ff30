import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';

/** Any number that nothing else in the database locks on. */
const MIGRATION_LOCK = 4_019_026;

/**
 * Runs all pending migrations; instances that start together take turns. The lock is that of a transaction: a pooler
 * may lend each another connection, and a lock of the session would stay behind on one of them.
 * @returns the names of those that ran
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    // It waits for the others, and is idle while the migrations run on another connection.
    await runner.query('SET LOCAL statement_timeout = 0');
    await runner.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    return (await dataSource.runMigrations({ transaction: 'each' })).map((migration) => migration.name);
  } finally {
    await unlock(runner);
  }
}

/** Logs a failure instead of throwing it: the error of the migration would be lost. */
async function unlock(runner: QueryRunner): Promise<void> {
  try {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
  } catch (error) {
    new Logger('Migrations').warn(`rollback of the transaction with the lock failed: ${String(error)}`);
  } finally {
    await runner.release();
  }
}
