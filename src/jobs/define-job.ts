import type { JsonFields } from '../common/index.js';
import { durationMs } from '../config/index.js';

/** Retry policy and schedule of a job. */
export interface JobRules<P extends object> {
  /**
   * Maximum number of attempts before the job fails permanently, including runs that block their process; default: 5.
   */
  readonly attempts?: number;
  /** Delay before the second attempt, doubled for each further one; default: 1 s. */
  readonly backoff?: string;
  /** Runs the job at this interval, once for all processes, the first time at once. */
  readonly schedule?: { readonly every: string; readonly payload: P };
}

/** Context of a run, passed to its handler after the payload. */
export interface JobContext {
  /** Id of the job. Not unique over time: jobs with the same key have the same id, one after the other. */
  readonly id: string;
  /** Time of the request. */
  readonly addedAt: Date;
  /**
   * 1 for the first attempt. A run whose process died does not count: the next run has the same number. A run that lost
   * its lock counts, for example if the handler blocked the process for 10 s.
   */
  readonly attempt: number;
  /** Aborts when the process stops before the job has ended, or when another process may have the job. */
  readonly signal: AbortSignal;
  /** Reports the progress in percent. */
  progress(percent: number): Promise<void>;
}

const NAME = /^[a-z][a-z0-9-]{0,59}$/;

/** A kind of job: created by `defineJob`, handled by one method (`@Job`), requested with `Jobs.add`. */
export class JobDefinition<P extends object = object> {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly schedule: { readonly everyMs: number; readonly payload: P } | undefined;

  constructor(
    readonly name: string,
    { attempts = 5, backoff = '1s', schedule }: JobRules<P>,
  ) {
    if (!NAME.test(name)) {
      throw new RangeError(`invalid job name ${JSON.stringify(name)}; use at most 60 of a-z, 0-9 and -`);
    }
    if (!Number.isSafeInteger(attempts) || attempts < 1) {
      throw new RangeError(`attempts of job '${name}' is ${attempts}; use a whole number from 1`);
    }
    this.attempts = attempts;
    this.backoffMs = durationMs(`backoff of job '${name}'`, backoff);
    this.schedule = schedule && {
      everyMs: durationMs(`every of job '${name}'`, schedule.every, 1_000),
      payload: schedule.payload,
    };
  }
}

/**
 * Defines a kind of job and its retry policy. A job runs at least once: its handler must tolerate a second call for one
 * job, or apply its effect in `Jobs.once`.
 *
 * @typeParam P the payload, restricted to types that JSON preserves: it turns a date into a string and a set into an
 * empty object
 * @param name in kebab-case, the same in every version: queued jobs contain it
 * @throws RangeError if a rule is invalid
 * @example export const rankPlaces = defineJob<{ window: 'day' | 'week' }>('rank-places', { attempts: 3 });
 */
export function defineJob<P extends object & JsonFields<P> = Record<string, never>>(
  name: string,
  rules: JobRules<P> = {},
): JobDefinition<P> {
  return new JobDefinition(name, rules);
}
