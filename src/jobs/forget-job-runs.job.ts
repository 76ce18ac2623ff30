import { Injectable } from '@nestjs/common';
import { defineJob, type JobContext } from './define-job.js';
import { JobRunsRepository } from './job-runs.repository.js';
import { FAILED_KEPT_DAYS } from './job-queue.js';
import { Job } from './job.decorator.js';

const ROWS_PER_STATEMENT = 1_000;

export const forgetJobRuns = defineJob('forget-job-runs', { schedule: { every: '1d', payload: {} } });

/** Deletes what nobody asks for any more: a job that can still run again is kept for no longer than a dead one. */
@Injectable()
export class ForgetJobRuns {
  constructor(private readonly runs: JobRunsRepository) {}

  @Job(forgetJobRuns)
  async run(_payload: object, { signal }: JobContext): Promise<void> {
    for (let deleted = ROWS_PER_STATEMENT; deleted === ROWS_PER_STATEMENT; ) {
      signal.throwIfAborted();
      deleted = await this.runs.deleteOlderThan(FAILED_KEPT_DAYS + 1, ROWS_PER_STATEMENT);
    }
  }
}
