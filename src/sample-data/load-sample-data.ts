import type { DataSource } from 'typeorm';
import type { SampleDataCounts } from './fill-tables.js';
import { DEMO_ACCOUNTS } from './people.js';

/** The password of the demo accounts outside production; public, and so in no way a secret. */
export const DEMO_PASSWORD = 'green-seoul-demo';

/** Any number that nothing else in the database locks on. */
const SAMPLE_DATA_LOCK = 4_019_027;

/**
 * Fills an empty database with made-up users, places, reviews and marks, the same ones every time, all or nothing.
 * @param passwords of the demo accounts, in their order
 * @returns null when the database holds something already; nothing is changed then
 */
export async function loadSampleData(
  dataSource: DataSource,
  passwords: readonly string[] = DEMO_ACCOUNTS.map(() => DEMO_PASSWORD),
): Promise<SampleDataCounts | null> {
  return dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [SAMPLE_DATA_LOCK]);
    const [state] = await manager.query<{ filled: boolean }[]>(
      'SELECT EXISTS (SELECT FROM app_user) OR EXISTS (SELECT FROM place) AS filled',
    );
    if (state?.filled === true) return null;
    // Loaded only now: nearly every start finds the database filled, and need not wait for all that this leans on.
    const { fillTables } = await import('./fill-tables.js');
    return fillTables(manager, passwords);
  });
}
