import { Injectable } from '@nestjs/common';
import { defineJob, type JobContext } from './define-job.js';
import { JobQueue } from './job-queue.js';
import { JobRunsRepository } from './job-runs.repository.js';
import { Job } from './job.decorator.js';

const ROWS_PER_STATEMENT = 1_000;
/** Retention of idempotency records, in days; shortly after its first run a job is still in the queue. */
const RECORD_RETENTION_DAYS = 1;

export const pruneJobs = defineJob('prune-jobs', { schedule: { every: '1h', payload: {} } });

/** Removes jobs whose retention has ended, and idempotency records (`Jobs.once`) of jobs that cannot run again. */
@Injectable()
export class PruneJobs {
  constructor(
    private readonly queue: JobQueue,
    private readonly runs: JobRunsRepository,
  ) {}

  @Job(pruneJobs)
  async run(_payload: object, { signal }: JobContext): Promise<void> {
    await this.queue.removeEnded();
    for (let found = ROWS_PER_STATEMENT; found === ROWS_PER_STATEMENT; ) {
      signal.throwIfAborted();
      const old = await this.runs.findOlderThan(RECORD_RETENTION_DAYS, ROWS_PER_STATEMENT);
      const existing = await this.queue.findExisting(old.map(({ jobId }) => jobId));
      await this.runs.renew(old.filter(({ jobId }) => existing.has(jobId)));
      await this.runs.delete(old.filter(({ jobId }) => !existing.has(jobId)));
      found = old.length;
    }
  }
}
