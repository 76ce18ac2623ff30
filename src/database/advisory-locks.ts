import type { EntityManager, QueryRunner } from 'typeorm';

/** Keys of all advisory locks: they share one number space per database. */
const KEYS = { migrations: 4_019_026, sampleData: 4_019_027, notificationIds: 7_000_000 } as const;

/** Waits for an advisory lock of PostgreSQL and holds it until the transaction ends. */
export async function holdAdvisoryLock(
  transaction: Pick<EntityManager | QueryRunner, 'query'>,
  lock: keyof typeof KEYS,
): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock($1)', [KEYS[lock]]);
}
