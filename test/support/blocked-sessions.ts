import { until } from './until.js';

const BLOCKED = `SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`;

/**
 * Waits until another session of PostgreSQL waits for a lock of this one.
 * @param query runs a statement in the session that holds the lock, and returns its rows
 */
export function untilBlocking(query: (sql: string) => Promise<readonly unknown[]>): Promise<void> {
  return until(async () => (await query(BLOCKED)).length > 0);
}
