import { Injectable } from '@nestjs/common';
import { CursorCodec, type Page, type PageRequest } from '../common/index.js';
import { Jobs, type JobPosition, type JobStatus } from '../jobs/index.js';
import { JobNotFoundError } from './admin.errors.js';
import type { JobQueryDto } from './dto/job-query.dto.js';

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
  async list({ state, ...request }: JobQueryDto): Promise<Page<JobStatus>> {
    return this.cursors.page({ jobs: state }, request, async ({ after, limit }: PageRequest<JobPosition>) => {
      const { jobs, next } = await this.jobs.list(state, limit, after ?? undefined);
      return { items: jobs, next };
    });
  }
}
