import { Injectable } from '@nestjs/common';
import { currentLock, LockBusyError, Locked } from '../../locks/index.js';
import { ViewCountsRepository } from './view-counts.repository.js';
import { ViewStore } from './view-store.js';

const LOCK = 'views';
/** Counts per batch, and so per transaction. */
const BATCH_SIZE = 1_000;
/** Batches sealed per run; further counts wait for the next run. */
const BATCHES_PER_RUN = 50;
/**
 * Settling period: minimum age of a batch before it is written. By then the batch is on disk (`appendfsync everysec`)
 * and on the replicas: a Redis that comes back with its state of a second ago still has the same batch under the same
 * id, instead of its views in another batch.
 */
const SETTLING_MS = 3_000;
/** Retention of written batch ids; longer than any process or Redis backup can bring a batch back. */
const BATCH_ID_RETENTION_DAYS = 7;
/** Retention of hourly counts; the rankings look back seven days. */
const HOURLY_RETENTION_DAYS = 8;
const ROLLED_UP_PER_RUN = 5_000;

/** Write-behind of view counts from Redis to PostgreSQL: each view is written once, even if a process dies midway. */
@Injectable()
export class ViewFlush {
  /** Views written by this process. */
  written = 0;

  constructor(
    private readonly store: ViewStore,
    private readonly views: ViewCountsRepository,
  ) {}

  /**
   * Writes the settled batches, and seals the open counts into new batches, which settle until the next run. Does
   * nothing while another process holds the lock.
   */
  async run({ settlingMs = SETTLING_MS }: { readonly settlingMs?: number } = {}): Promise<void> {
    try {
      await this.flush(settlingMs);
    } catch (error) {
      if (!(error instanceof LockBusyError)) throw error;
    }
  }

  /** Used by `run`. */
  @Locked(LOCK, { ttl: '10s' })
  async flush(settlingMs: number): Promise<void> {
    const lock = currentLock();
    for (const id of await this.store.findSettled(settlingMs)) {
      lock.signal.throwIfAborted();
      const batch = await this.store.read(id);
      const isNew = await this.views.write(batch, { lock: LOCK, fence: lock.fence });
      if (isNew) this.written += batch.counts.reduce((sum, { views }) => sum + views, 0);
      await this.store.drop(id);
    }
    await this.views.deleteBatchIds(BATCH_ID_RETENTION_DAYS);
    await this.views.rollUp(HOURLY_RETENTION_DAYS, ROLLED_UP_PER_RUN);
    for (let left = BATCHES_PER_RUN; left > 0 && (await this.store.sealBatch(BATCH_SIZE)) > 0; left -= 1) {
      lock.signal.throwIfAborted();
    }
  }
}
