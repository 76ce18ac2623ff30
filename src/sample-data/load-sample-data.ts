import type { DataSource } from 'typeorm';
import { holdAdvisoryLock } from '../database/index.js';
import type { SampleDataCounts } from './fill-tables.js';
import { DEMO_ACCOUNTS } from './people.js';

/** Password of the demo accounts outside production; published, so not a secret. */
export const DEMO_PASSWORD = 'green-seoul-demo';

/**
 * Fills an empty database with fictitious users, places, reviews and marks: deterministic, in one transaction.
 * @param passwords of the demo accounts, in the order of `DEMO_ACCOUNTS`; default: `DEMO_PASSWORD` for each
 * @returns null if the database already has users or places, in which case nothing is changed
 */
export async function loadSampleData(
  dataSource: DataSource,
  passwords: readonly string[] = DEMO_ACCOUNTS.map(() => DEMO_PASSWORD),
): Promise<SampleDataCounts | null> {
  return dataSource.transaction(async (manager) => {
    await holdAdvisoryLock(manager, 'sampleData');
    const [state] = await manager.query<{ filled: boolean }[]>(
      'SELECT EXISTS (SELECT FROM app_user) OR EXISTS (SELECT FROM place) AS filled',
    );
    if (state?.filled === true) return null;
    // Lazy import: at nearly every start the database is filled already, and its dependencies need not be loaded.
    const { fillTables } = await import('./fill-tables.js');
    return fillTables(manager, passwords);
  });
}
