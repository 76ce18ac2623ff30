import { Injectable } from '@nestjs/common';
import { CursorCodec, type Page } from '../common/index.js';
import { Jobs, type JobPosition, type JobState, type JobStatus } from '../jobs/index.js';
import { JobNotFoundError } from './admin.errors.js';

/** State and page of the jobs to list. */
export interface JobQuery {
  readonly state: JobState;
  readonly limit: number;
  readonly cursor?: string;
}

/** Lets admins inspect the state of jobs. */
@Injectable()
export class AdminJobsService {
  constructor(
    private readonly jobs: Jobs,
    private readonly cursors: CursorCodec,
  ) {}

  /** @throws JobNotFoundError */
  async get(id: string): Promise<JobStatus> {
    const status = await this.jobs.status(id);
    if (status === null) throw new JobNotFoundError();
    return status;
  }

  /** @throws InvalidCursorError */
  async list({ state, limit, cursor }: JobQuery): Promise<Page<JobStatus>> {
    const query = { jobs: state };
    const from = cursor === undefined ? undefined : this.cursors.decode(query, cursor, 2);
    const { jobs, next } = await this.jobs.list(state, limit, from as JobPosition | undefined);
    return { items: jobs, nextCursor: next === null ? null : this.cursors.encode(query, next) };
  }
}
