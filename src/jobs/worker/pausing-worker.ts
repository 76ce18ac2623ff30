import { setTimeout as sleep } from 'node:timers/promises';
import { isNotConnectionError, RedisConnection, Worker, type Job } from 'bullmq';

/**
 * The version that BullMQ assumes for a Redis that it does not query: the oldest that the service supports. The query
 * would need the right to run INFO, and without that right the worker would never run.
 */
RedisConnection.minimumVersion = '7.0.0';

/** Delay before a Redis that refuses to return jobs is queried again. */
const REFUSED_RETRY_MS = 1_000;

/**
 * A BullMQ worker that pauses after an error when it fetches a job. BullMQ itself pauses for broken connections only: a
 * Redis that refuses the command (lack of rights, a replica, a full disk) would be queried again at once, endlessly.
 */
export class PausingWorker<Data> extends Worker<Data> {
  protected override async moveToActive(token: string, name?: string): Promise<Job<Data>> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (this.closing === undefined && isNotConnectionError(error as Error)) await sleep(REFUSED_RETRY_MS);
      throw error;
    }
  }

  /** Stops renewing locks: `close` does so only after waiting for Redis, and its timer would keep the process alive. */
  stopRenewingLocks(): Promise<void> {
    return this.lockManager.close();
  }
}
