import { ApiProperty } from '@nestjs/swagger';
import { JOB_STATES, type JobState, type JobStatus } from '../../jobs/index.js';

/** A job, without what it was given. */
export class JobDto {
  /**
   * Of this job alone; those of jobs that run by a schedule begin with `repeat:`.
   * @example '5b9b4a0e-58f5-4d3c-9f0e-8f6f2f3f2a10'
   */
  id!: string;

  /**
   * Its kind.
   * @example 'forget-jobs'
   */
  name!: string;

  /**
   * `failed` when it is dead; one that will be tried again is `delayed`.
   * @example 'failed'
   */
  @ApiProperty({ enum: JOB_STATES })
  state!: JobState;

  /**
   * Percent, as its handler tells; 0 when it tells nothing.
   * @example 40
   */
  @ApiProperty({ format: 'double' })
  progress!: number;

  /**
   * How often it has run to an end, good or bad.
   * @example 5
   */
  attempts!: number;

  /**
   * After so many attempts without success it is dead.
   * @example 5
   */
  maxAttempts!: number;

  /**
   * What its last failure said; null when there was none.
   * @example 'no such user'
   */
  failure!: string | null;

  /** When it was asked for. */
  addedAt!: Date;

  /** When its last run began; null before the first. */
  startedAt!: Date | null;

  /** When it was done, or dead; null before that. */
  endedAt!: Date | null;

  static from(status: JobStatus): JobDto {
    return Object.assign(new JobDto(), status);
  }
}
