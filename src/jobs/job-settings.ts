import type { Env } from '../config/index.js';

/** The life of jobs, which tests want to see sooner. All times in milliseconds. */
export interface JobSettings {
  /** How many jobs a process does at once. */
  readonly concurrency: number;
  /** A job whose process has not said for so long that it is at work is given to another. */
  readonly lockMs: number;
  /** How often jobs whose process is gone are looked for. */
  readonly stalledCheckMs: number;
  /** How long a process that is to stop waits for its jobs. */
  readonly graceMs: number;
  /** How often a process sees to its schedules. */
  readonly scheduleCheckMs: number;
  /** A schedule that no process has claimed for so long is removed. */
  readonly unclaimedMs: number;
  /** How long a job that this version does not know waits for a process that does. */
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

/** Fewer jobs at once than there are connections to PostgreSQL, so that requests and the outbox get theirs. */
export function jobSettingsFor({ databasePoolSize }: Pick<Env, 'databasePoolSize'>): JobSettings {
  const concurrency = Math.max(1, Math.min(DEFAULT_JOB_SETTINGS.concurrency, databasePoolSize - 3));
  return { ...DEFAULT_JOB_SETTINGS, concurrency };
}
