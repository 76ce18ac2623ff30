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

/** Which of the jobs that could begin does. */
export type JobPriority = 'high' | 'normal' | 'low';

/** How one job differs from others of its kind. */
export interface AddOptions {
  /**
   * Jobs of one kind with the same key are one job, for as long as the first is known: a day after it is done, up to an
   * hour more.
   */
  readonly key?: string;
  /** How long it waits before it may begin, such as `'5s'`. */
  readonly delay?: string;
  /** `normal` unless said. */
  readonly priority?: JobPriority;
}

export const JOB_STATES = ['waiting', 'delayed', 'active', 'completed', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How a job is. */
export interface JobStatus {
  readonly id: string;
  readonly name: string;
  /** `failed` when it is dead; one that will be tried again is `delayed`. */
  readonly state: JobState;
  /** Percent, as its handler tells. */
  readonly progress: number;
  /** How often it has run to an end, good or bad. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Of the last failure. */
  readonly failure: string | null;
  readonly addedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Where a page of jobs begins: in which of the lists that make up a state, and after how many. */
export type JobPosition = readonly [list: number, offset: number];

/** BullMQ takes jobs without a number first, then the lower numbers. */
const PRIORITIES: Readonly<Record<JobPriority, number>> = { high: 0, normal: 10, low: 20 };
const TOPIC = 'jobs';
/** In BullMQ, jobs with and without a number wait apart. */
const LISTS = {
  waiting: ['wait', 'prioritized'],
  delayed: ['delayed'],
  active: ['active'],
  completed: ['completed'],
  failed: ['failed'],
} as const;

/**
 * Work that is done later, by any process, at least once.
 *
 * Jobs are written to the outbox of PostgreSQL with the change that wants them, and put into the queue after its
 * commit: what is rolled back asks for nothing, and no crash loses anything. They wait there while Redis is away.
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
    this.outbox.handle(TOPIC, (rows) => this.queue.put(rows.map(({ payload }) => payload as JobMessage)));
  }

  /**
   * Has a job done, in the transaction of the caller if there is one.
   * @param payload what JSON can write; small, since it is stored twice: the id of a row rather than the row
   * @returns the id of the job; that of the one there is, when the key is known
   * @throws RangeError when an option cannot be kept; Error when nobody handles such jobs
   */
  async add<P extends object>(
    definition: JobDefinition<P>,
    payload: NoInfer<P>,
    { key, delay = '0s', priority = 'normal' }: AddOptions = {},
  ): Promise<string> {
    const { name } = definition;
    if (!this.handlers.has(definition)) {
      throw new Error(`nobody handles job '${name}'; put @Job on a method of a provider, and that into a module`);
    }
    const id = key === undefined ? randomUUID() : idOf(name, key);
    const delayMs = durationMs('delay', delay, 0);
    const options = { ...optionsOf(definition), priority: PRIORITIES[priority], delay: delayMs, timestamp: Date.now() };
    // `defineJob` holds payloads to what JSON gives back.
    const order: JobMessage = { id, name, payload: payload as object as JsonObject, options };
    await this.outbox.post(TOPIC, [order]);
    return id;
  }

  /**
   * Does something in PostgreSQL once for a job, however often that runs: its effect and the note that it has happened
   * are one transaction, which the effect joins. Call it once in a job.
   * @returns false when it had happened before
   * @example `@Job(thank) async run({ userId }, context) { await this.jobs.once(context, () => this.give(userId)); }`
   */
  @Transactional()
  async once({ id, addedAt }: Pick<JobContext, 'id' | 'addedAt'>, effect: () => Promise<void>): Promise<boolean> {
    const isFirst = await this.runs.insert({ jobId: id, addedAt });
    if (isFirst) await effect();
    return isFirst;
  }

  /**
   * How a job is. Null when it is not known: never there, done for more than a day, dead for more than thirty, done by
   * its schedule, or committed only a moment ago.
   */
  async status(id: string): Promise<JobStatus | null> {
    const job = await this.queue.find(id);
    const state = stateOf(await job?.getState());
    return job === undefined || state === null ? null : statusOf(job, state);
  }

  /**
   * Jobs in one state, those that begin next or ended last first. A page can be short before the last.
   * @returns them, and where the next page begins
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
