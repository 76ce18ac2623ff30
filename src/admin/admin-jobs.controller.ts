import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems, ForbiddenError, InvalidCursorError, Roles } from '../common/index.js';
import { AdminJobsService } from './admin-jobs.service.js';
import { JobNotFoundError } from './admin.errors.js';
import { JobPageDto } from './dto/job-page.dto.js';
import { JobQueryDto } from './dto/job-query.dto.js';
import { JobDto } from './dto/job.dto.js';

const ID = {
  name: 'id',
  description: 'Id of the job, as returned by `listJobs`.',
  schema: { type: 'string', maxLength: 200 },
  example: '5b9b4a0e-58f5-4d3c-9f0e-8f6f2f3f2a10',
} as const;

@ApiTags('admin')
@Roles('admin')
@Controller('admin/jobs')
export class AdminJobsController {
  constructor(private readonly jobs: AdminJobsService) {}

  /**
   * List the jobs in one state.
   *
   * By default the failed ones. Jobs that run next or ended last come first. Pages before the last may be short or
   * empty; jobs that change their state while you page may be missing or repeated.
   */
  @ApiProblems(ForbiddenError, InvalidCursorError)
  @Get()
  async listJobs(@Query() query: JobQueryDto): Promise<JobPageDto> {
    return JobPageDto.from(await this.jobs.list(query));
  }

  /** Get the state, progress and last failure of a job. */
  @ApiParam(ID)
  @ApiProblems(ForbiddenError, JobNotFoundError)
  @Get(':id')
  async getJob(@Param('id') id: string): Promise<JobDto> {
    return JobDto.from(await this.jobs.get(id));
  }
}
