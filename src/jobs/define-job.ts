import type { JsonFields } from '../common/index.js';
import { durationMs } from '../config/index.js';

/** How a job is tried again, and whether it runs by itself. */
export interface JobRules<P extends object> {
  /** How often it is tried at most before it is dead, runs that block their process included; 5 unless said. */
  readonly attempts?: number;
  /** The wait before the second attempt, which doubles with each further one; 1 s unless said. */
  readonly backoff?: string;
  /** Runs by itself that often, once for all processes, the first time at once. */
  readonly schedule?: { readonly every: string; readonly payload: P };
}

/** What a handler may use besides the payload. */
export interface JobContext {
  /** With a key, the next job of that key has it too once this one is forgotten. */
  readonly id: string;
  /** When it was asked for. */
  readonly addedAt: Date;
  /**
   * 1 for the first. A run that ended with its process is no attempt: the same number comes again. One that lost its
   * lock is, as when the handler has blocked the process for 10 s.
   */
  readonly attempt: number;
  /** Aborts when the process stops before the job has ended, or when another may have got it. */
  readonly signal: AbortSignal;
  /** Tells how far it is, in percent. */
  progress(percent: number): Promise<void>;
}

const NAME = /^[a-z][a-z0-9-]{0,59}$/;

/** A kind of job: made by `defineJob`, handled by one method (`@Job`), asked for by `Jobs.add`. */
export class JobDefinition<P extends object = object> {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly schedule: { readonly everyMs: number; readonly payload: P } | undefined;

  constructor(
    readonly name: string,
    { attempts = 5, backoff = '1s', schedule }: JobRules<P>,
  ) {
    if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} names no job; use a-z, 0-9 and -, at most 60`);
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
 * Names a kind of job and says how it is tried again. A job is done at least once: its handler bears to be called
 * twice for one job, or puts its effect into `Jobs.once`.
 *
 * @typeParam P the payload, held to what JSON gives back: a date is a text in the queue, a set nothing
 * @param name in kebab-case, the same in every version: jobs that wait carry it
 * @throws RangeError when a rule cannot be kept
 * @example export const rankPlaces = defineJob<{ window: 'day' | 'week' }>('rank-places', { attempts: 3 });
 */
export function defineJob<P extends object & JsonFields<P> = Record<string, never>>(
  name: string,
  rules: JobRules<P> = {},
): JobDefinition<P> {
  return new JobDefinition(name, rules);
}
