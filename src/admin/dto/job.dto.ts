import { ApiProperty } from '@nestjs/swagger';
import { JOB_STATES, type JobState, type JobStatus } from '../../jobs/index.js';

/** State of a job, without its payload. */
export class JobDto {
  /**
   * Unique id; begins with `repeat:` for scheduled jobs.
   * @example '5b9b4a0e-58f5-4d3c-9f0e-8f6f2f3f2a10'
   */
  id!: string;

  /**
   * Name of the job.
   * @example 'prune-jobs'
   */
  name!: string;

  /**
   * State. `failed`: all attempts failed; a job that will be retried is `delayed`.
   * @example 'failed'
   */
  @ApiProperty({ enum: JOB_STATES })
  state!: JobState;

  /**
   * Progress in percent, as reported by its handler; 0 if none is reported.
   * @example 40
   */
  @ApiProperty({ format: 'double' })
  progress!: number;

  /**
   * Number of completed attempts, successful or not.
   * @example 5
   */
  attempts!: number;

  /**
   * Number of attempts after which the job fails permanently.
   * @example 5
   */
  maxAttempts!: number;

  /**
   * Message of the last failure; null if there was none.
   * @example 'no such user'
   */
  failure!: string | null;

  /** Time at which the job was added. */
  addedAt!: Date;

  /** Start of the last attempt; null before the first. */
  startedAt!: Date | null;

  /** Time of completion or permanent failure; null before. */
  endedAt!: Date | null;

  static from(status: JobStatus): JobDto {
    return Object.assign(new JobDto(), status);
  }
}
