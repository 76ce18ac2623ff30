import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { JOB_STATES, type JobState } from '../../jobs/index.js';

/** Which jobs. */
export class JobQueryDto extends PageQueryDto {
  /** `failed` are the dead ones; one that will be tried again is `delayed`. */
  @IsOptional()
  @IsIn(JOB_STATES)
  state: JobState = 'failed';
}
