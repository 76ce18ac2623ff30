import { setTimeout as sleep } from 'node:timers/promises';
import { isNotConnectionError, RedisConnection, Worker, type Job } from 'bullmq';

/**
 * The version that BullMQ takes a Redis for which it does not ask: the oldest that the service supports. Asking would
 * need the right to INFO, and without it the worker would never run.
 */
RedisConnection.minimumVersion = '7.0.0';

/** A Redis that refuses to give out jobs is asked again after this time. */
const REFUSED_RETRY_MS = 1_000;

/**
 * A BullMQ worker that pauses after an error when it fetches a job. BullMQ itself pauses for broken connections alone:
 * a Redis that refuses the command (lack of rights, a replica, a full disk) would be asked again at once, without end.
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
