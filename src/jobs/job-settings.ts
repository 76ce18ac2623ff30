import type { Env } from '../config/index.js';

/** Timing and concurrency of jobs; tests shorten the times. All times in milliseconds. */
export interface JobSettings {
  /** Number of jobs that a process runs at the same time. */
  readonly concurrency: number;
  /** Lock duration: a job whose process has not renewed its lock for this long is given to another process. */
  readonly lockMs: number;
  /** Interval between checks for jobs whose process has died. */
  readonly stalledCheckMs: number;
  /** Grace period: how long a stopping process waits for its jobs. */
  readonly graceMs: number;
  /** Interval at which a process reconciles its schedules. */
  readonly scheduleCheckMs: number;
  /** Time after which a schedule that no process has claimed is removed. */
  readonly unclaimedMs: number;
  /** Delay before a job that this version does not know is offered to a process again. */
  readonly unknownRetryMs: number;
}

export const JOB_SETTINGS = Symbol('job settings');

export const DEFAULT_JOB_SETTINGS: JobSettings = {
  concurrency: 5,
  lockMs: 10_000,
  stalledCheckMs: 5_000,
  graceMs: 10_000,
  scheduleCheckMs: 60_000,
  unclaimedMs: 180_000,
  unknownRetryMs: 5_000,
};

/**
 * Runs fewer jobs at the same time than there are connections to PostgreSQL, so that requests and the outbox get some.
 */
export function jobSettingsFor({ databasePoolSize }: Pick<Env, 'databasePoolSize'>): JobSettings {
  const concurrency = Math.max(1, Math.min(DEFAULT_JOB_SETTINGS.concurrency, databasePoolSize - 3));
  return { ...DEFAULT_JOB_SETTINGS, concurrency };
}
