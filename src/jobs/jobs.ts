import { createHash, randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import type { Job, JobState as QueueState } from 'bullmq';
import type { JsonObject } from '../common/index.js';
import { durationMs } from '../config/index.js';
import { Outbox } from '../database/index.js';
import type { JobContext, JobDefinition } from './define-job.js';
import { JobHandlers } from './job-handlers.js';
import { JobQueue, optionsOf, type JobMessage } from './job-queue.js';
import { JobRunsRepository } from './job-runs.repository.js';

/** Order in which jobs that are ready to run are started. */
export type JobPriority = 'high' | 'normal' | 'low';

/** Options of one job. */
export interface AddOptions {
  /**
   * Jobs of one kind with the same key are one job, for as long as the first is in the queue: until a day after it has
   * completed, an hour more at most.
   */
  readonly key?: string;
  /** Delay before the job may start, such as `'5s'`. */
  readonly delay?: string;
  /** Default: `normal`. */
  readonly priority?: JobPriority;
}

export const JOB_STATES = ['waiting', 'delayed', 'active', 'completed', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Status of a job. */
export interface JobStatus {
  readonly id: string;
  readonly name: string;
  /** `failed` if the job failed permanently; one that will be retried is `delayed`. */
  readonly state: JobState;
  /** Percent, as reported by the handler. */
  readonly progress: number;
  /** Number of attempts that have ended, successful or failed. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Reason of the last failure. */
  readonly failure: string | null;
  readonly addedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Start of a page of jobs: index of one of the lists that make up a state, and offset in it. */
export type JobPosition = readonly [list: number, offset: number];

/** BullMQ priorities: jobs with 0 run first, then those with lower numbers. */
const PRIORITIES: Readonly<Record<JobPriority, number>> = { high: 0, normal: 10, low: 20 };
const TOPIC = 'jobs';
/** BullMQ's lists by state; waiting jobs with a priority above 0 have a list of their own. */
const LISTS = {
  waiting: ['wait', 'prioritized'],
  delayed: ['delayed'],
  active: ['active'],
  completed: ['completed'],
  failed: ['failed'],
} as const;

/**
 * Background jobs: run later, by any process, at least once.
 *
 * Jobs are written to the outbox in PostgreSQL in the transaction of the change that requests them, and enqueued after
 * its commit: a rollback requests nothing, and no crash loses a job. While Redis is unavailable they wait in the
 * outbox.
 *
 * @example `const id = await this.jobs.add(rankPlaces, { window: 'day' }, { key: today, delay: '5s' });`
 */
@Injectable()
export class Jobs implements OnModuleInit {
  constructor(
    private readonly outbox: Outbox,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly runs: JobRunsRepository,
  ) {}

  onModuleInit(): void {
    this.outbox.handle(TOPIC, (rows) => this.queue.enqueue(rows.map(({ payload }) => payload as JobMessage)));
  }

  /**
   * Requests a job, in the transaction of the caller if there is one.
   * @param payload JSON-serializable and small, since it is stored twice: the id of a row rather than the row
   * @returns the id of the job; that of the existing job if the key is known
   * @throws RangeError if an option is invalid; Error if no handler is registered for the definition
   */
  async add<P extends object>(
    definition: JobDefinition<P>,
    payload: NoInfer<P>,
    { key, delay = '0s', priority = 'normal' }: AddOptions = {},
  ): Promise<string> {
    const { name } = definition;
    if (!this.handlers.has(definition)) {
      throw new Error(`no handler for job '${name}'; add @Job to a method of a provider`);
    }
    const id = key === undefined ? randomUUID() : idOf(name, key);
    const delayMs = durationMs('delay', delay, 0);
    const options = { ...optionsOf(definition), priority: PRIORITIES[priority], delay: delayMs, timestamp: Date.now() };
    // `defineJob` restricts payloads to types that JSON preserves.
    const message: JobMessage = { id, name, payload: payload as object as JsonObject, options };
    await this.outbox.post(TOPIC, [message]);
    return id;
  }

  /**
   * Applies an effect in PostgreSQL once per job, however often the job runs: the effect and its idempotency record are
   * written in one transaction, which the effect joins. Call it once in a job.
   * @returns false if the effect was applied before
   * @example `@Job(thank) async run({ userId }, context) { await this.jobs.once(context, () => this.give(userId)); }`
   */
  @Transactional()
  async once({ id, addedAt }: Pick<JobContext, 'id' | 'addedAt'>, effect: () => Promise<void>): Promise<boolean> {
    const isFirst = await this.runs.insert({ jobId: id, addedAt });
    if (isFirst) await effect();
    return isFirst;
  }

  /**
   * Status of a job. Null if the job is unknown: it never existed, completed more than a day ago, failed permanently
   * more than thirty days ago, was run by its schedule and has ended, or was committed only a moment ago.
   */
  async status(id: string): Promise<JobStatus | null> {
    const job = await this.queue.find(id);
    const state = stateOf(await job?.getState());
    return job === undefined || state === null ? null : statusOf(job, state);
  }

  /**
   * Jobs in one state, those that start next or ended last first. A page before the last can be short.
   * @returns the jobs, and the start of the next page
   */
  async list(
    state: JobState,
    limit: number,
    [list, offset]: JobPosition = [0, 0],
  ): Promise<{ jobs: JobStatus[]; next: JobPosition | null }> {
    const type = LISTS[state][list];
    const found = type === undefined ? [] : await this.queue.list(type, offset, limit);
    const further: JobPosition = found.length < limit ? [list + 1, 0] : [list, offset + limit];
    const jobs = found.map((job) => statusOf(job, state));
    return { jobs, next: further[0] < LISTS[state].length ? further : null };
  }
}

function idOf(name: string, key: string): string {
  return createHash('sha256').update(JSON.stringify([name, key])).digest('base64url');
}

function stateOf(state: QueueState | 'unknown' | undefined): JobState | null {
  if (state === 'prioritized') return 'waiting';
  return state === undefined || state === 'unknown' || state === 'waiting-children' ? null : state;
}

function statusOf(job: Job, state: JobState): JobStatus {
  const { id = '', name, progress, attemptsMade, opts, failedReason, timestamp, processedOn, finishedOn } = job;
  return {
    id,
    name,
    state,
    progress: typeof progress === 'number' ? progress : 0,
    attempts: attemptsMade,
    maxAttempts: opts.attempts ?? 1,
    failure: failedReason || null,
    addedAt: new Date(timestamp),
    startedAt: processedOn ? new Date(processedOn) : null,
    endedAt: finishedOn ? new Date(finishedOn) : null,
  };
}
