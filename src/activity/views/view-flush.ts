import { Injectable } from '@nestjs/common';
import { LockBusyError, Locks, type LockHandle } from '../../locks/index.js';
import { ViewCountsRepository } from './view-counts.repository.js';
import { ViewStore } from './view-store.js';

const LOCK = 'views';
const LOCK_TTL = '10s';
/** Counts in one transaction. */
const BATCH_SIZE = 1_000;
/** More than that wait for the next run. */
const BATCHES_A_RUN = 50;
/**
 * So old a batch is before it is written. By then Redis has it on disk (`appendfsync everysec`), and so have its
 * replicas: a Redis that comes back with the state of a second ago has the same batch under the same id, and not its
 * views in another one.
 */
const REST_MS = 3_000;
/** A batch is known for longer than any process or backup of Redis can bring it back. */
const BATCHES_KNOWN_DAYS = 7;
/** The rankings look back seven days. */
const HOURS_KEPT_DAYS = 8;
const FOLDED_A_RUN = 5_000;

/** Writes what Redis has counted into PostgreSQL: every view once, whichever process dies at whichever moment. */
@Injectable()
export class ViewFlush {
  /** Views this process has written. */
  written = 0;

  constructor(
    private readonly store: ViewStore,
    private readonly views: ViewCountsRepository,
    private readonly locks: Locks,
  ) {}

  /**
   * Writes the batches of before, and cuts what is open into new ones, which rest until the next run. When another
   * process is at it, it does nothing.
   */
  async run({ restMs = REST_MS }: { readonly restMs?: number } = {}): Promise<void> {
    try {
      await this.locks.run(LOCK, { ttl: LOCK_TTL }, (hold) => this.flush(hold, restMs));
    } catch (error) {
      if (!(error instanceof LockBusyError)) throw error;
    }
  }

  private async flush(hold: LockHandle, restMs: number): Promise<void> {
    for (const id of await this.store.findSettled(restMs)) {
      hold.signal.throwIfAborted();
      const batch = await this.store.read(id);
      const isNew = await this.views.write(batch, { lock: LOCK, fence: hold.fence });
      if (isNew) this.written += batch.counts.reduce((sum, { views }) => sum + views, 0);
      await this.store.drop(id);
    }
    await this.views.forgetBatches(BATCHES_KNOWN_DAYS);
    await this.views.rollUp(HOURS_KEPT_DAYS, FOLDED_A_RUN);
    for (let left = BATCHES_A_RUN; left > 0 && (await this.store.sealBatch(BATCH_SIZE)) > 0; left -= 1) {
      hold.signal.throwIfAborted();
    }
  }
}
