import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { JOB_STATES, type JobState } from '../../jobs/index.js';

/** State and page of the jobs to list. */
export class JobQueryDto extends PageQueryDto {
  /** State of the jobs. `failed`: all attempts failed; a job that will be retried is `delayed`. */
  @IsOptional()
  @IsIn(JOB_STATES)
  state: JobState = 'failed';
}
