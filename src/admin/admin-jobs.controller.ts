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
  description: 'Id of the job, as `listJobs` gives it.',
  schema: { type: 'string', maxLength: 200 },
  example: '5b9b4a0e-58f5-4d3c-9f0e-8f6f2f3f2a10',
} as const;

@ApiTags('admin')
@Roles('admin')
@Controller('admin/jobs')
export class AdminJobsController {
  constructor(private readonly jobs: AdminJobsService) {}

  /**
   * Jobs in one state: the dead ones unless you ask for others.
   *
   * What begins next or has ended last comes first. A page can be short, even empty, before the last; what changes its
   * state while you page may be missed or come twice.
   */
  @ApiProblems(ForbiddenError, InvalidCursorError)
  @Get()
  async listJobs(@Query() query: JobQueryDto): Promise<JobPageDto> {
    return JobPageDto.from(await this.jobs.list(query));
  }

  /** One job: whether it waits, runs or has ended, how far it is, and why it failed. */
  @ApiParam(ID)
  @ApiProblems(ForbiddenError, JobNotFoundError)
  @Get(':id')
  async getJob(@Param('id') id: string): Promise<JobDto> {
    return JobDto.from(await this.jobs.get(id));
  }
}
