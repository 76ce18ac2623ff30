import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import { holdAdvisoryLock } from './advisory-locks.js';

/**
 * Runs all pending migrations; instances that start together run them one after the other. The advisory lock belongs to
 * a transaction: a pooler may assign another connection to each transaction, and a session lock would remain on one of
 * them.
 * @returns the names of the migrations that ran
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    // This transaction waits for other instances, and is idle while the migrations run on another connection.
    await runner.query('SET LOCAL statement_timeout = 0');
    await runner.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await holdAdvisoryLock(runner, 'migrations');
    return (await dataSource.runMigrations({ transaction: 'each' })).map((migration) => migration.name);
  } finally {
    await unlock(runner);
  }
}

/**
 * Ends the transaction with the lock. A failure is logged instead of thrown, since it would hide the migration's error.
 */
async function unlock(runner: QueryRunner): Promise<void> {
  try {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
  } catch (error) {
    new Logger('Migrations').warn(`rollback of the transaction with the lock failed: ${String(error)}`);
  } finally {
    await runner.release();
  }
}
