import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Queue, type BackoffOptions, type Job, type JobsOptions, type JobType } from 'bullmq';
import type { JsonObject } from '../common/index.js';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import type { JobDefinition } from './define-job.js';

/** Name of the queue, and prefix of its keys, which puts them in one hash slot of a Cluster. */
export const QUEUE = { name: 'jobs', prefix: '{jobs}' } as const;

const DAY_S = 86_400;
/** Retention of ended jobs, in seconds. */
const RETENTION_S = { completed: DAY_S, failed: 30 * DAY_S } as const;
/**
 * Maximum number of retained jobs per state, so that a busy day or many failures do not fill the memory of the Redis
 * that holds the sessions.
 */
const MAX_RETAINED = 10_000;
const CLAIMS = '{jobs}:schedule-claims';
const MAX_SCHEDULES = 1_000;

/** A job to be enqueued, as stored in the outbox. */
export interface JobMessage {
  readonly id: string;
  readonly name: string;
  readonly payload: JsonObject;
  readonly options: MessageOptions;
}

/** The BullMQ options that a message contains. */
type MessageOptions = Pick<
  JobsOptions,
  'attempts' | 'delay' | 'priority' | 'removeOnComplete' | 'removeOnFail' | 'stackTraceLimit' | 'timestamp'
> & { readonly backoff: BackoffOptions };

/** A schedule as returned by BullMQ. */
interface Schedule {
  readonly name: string;
  /** Milliseconds. */
  readonly every: number;
  readonly template: { readonly data: object; readonly opts: JobsOptions };
}

/**
 * The queue, for producers and for reading its state. It uses the connection `store`, where every wait is bounded: a
 * caller waits for a reply for at most a second. (The `queue` connection, whose waits are unbounded, is used by the
 * worker alone.)
 */
@Injectable()
export class JobQueue {
  /** For Bull Board. */
  readonly queue: Queue;

  constructor(@InjectRedis('store') private readonly redis: RedisClient) {
    // Sends no commands of its own when it is created.
    const skips = { skipVersionCheck: true, skipWaitingForReady: true, skipMetasUpdate: true };
    this.queue = new Queue(QUEUE.name, { connection: redis, prefix: QUEUE.prefix, ...skips });
    // Errors are reported by the caller that waits for the reply.
    this.queue.on('error', () => undefined);
  }

  /** Enqueues jobs; existing jobs with the same id are left unchanged. */
  async enqueue(messages: readonly JobMessage[]): Promise<void> {
    await this.queue.addBulk(messages.map(({ id, name, payload, options }) => {
      return { name, data: payload, opts: { ...options, jobId: id } };
    }));
  }

  async find(id: string): Promise<Job | undefined> {
    return this.queue.getJob(id);
  }

  /** Returns the ids of those jobs that exist in the queue, in any state. */
  async findExisting(ids: readonly string[]): Promise<Set<string>> {
    const exists = await Promise.all(ids.map((id) => this.redis.exists(this.queue.toKey(id))));
    return new Set(ids.filter((_id, index) => exists[index] === 1));
  }

  /** Removes jobs whose retention has ended: BullMQ does so only when another job ends in the same state. */
  async removeEnded(): Promise<void> {
    for (const state of ['completed', 'failed'] as const) {
      await this.queue.clean(RETENTION_S[state] * 1_000, MAX_RETAINED, state);
    }
  }

  /** Jobs of one type, oldest first; ended ones newest first. */
  async list(type: JobType, offset: number, limit: number): Promise<Job[]> {
    const isEnded = type === 'completed' || type === 'failed';
    return this.queue.getJobs(type, offset, offset + limit - 1, !isEnded);
  }

  /** Number of jobs of each type; constant cost, however many there are. */
  count(...types: JobType[]): Promise<Record<string, number>> {
    return this.queue.getJobCounts(...types);
  }

  /**
   * Reconciles the schedules in Redis with those of the running versions. Every version claims its own schedules, and a
   * claim is valid for `unclaimedMs`: during a deployment two versions have different schedules, and neither removes or
   * changes those of the other.
   */
  async reconcileSchedules(definitions: readonly JobDefinition[], unclaimedMs: number): Promise<void> {
    const own = definitions.map(scheduleOf);
    const now = Date.now();
    if (own.length > 0) await this.redis.zadd(CLAIMS, ...own.flatMap((each) => [now, JSON.stringify(each)]));
    await this.redis.zremrangebyscore(CLAIMS, '-inf', now - unclaimedMs);
    const stored = await this.queue.getJobSchedulers(0, MAX_SCHEDULES);
    // Read after the schedules: a process claims a schedule before it adds it.
    const claims = (await this.redis.zrange(CLAIMS, 0, -1)).map((claim) => JSON.parse(claim) as Schedule);
    // BullMQ omits empty payloads.
    const current = stored.filter(({ key, every, template }) =>
      claims.some((claim) => isDeepStrictEqual(claim, { name: key, every, template: { data: {}, ...template } })),
    );
    const isCurrent = (name: string) => current.some(({ key }) => key === name);
    for (const { name, every, template } of own.filter(({ name }) => !isCurrent(name))) {
      await this.queue.upsertJobScheduler(name, { every }, { name, ...template });
    }
    const isNeeded = (name: string) => isCurrent(name) || own.some((each) => each.name === name);
    for (const { key } of stored.filter((each) => !isNeeded(each.key))) await this.queue.removeJobScheduler(key);
  }
}

function scheduleOf(definition: JobDefinition): Schedule {
  const { name, schedule } = definition;
  if (schedule === undefined) throw new Error(`job '${name}' has no schedule; give it one, or call Jobs.add`);
  // Ended runs are not retained: the next one follows anyway. Thousands of them would displace other jobs, or hide the
  // failed ones that need attention.
  const opts = { ...optionsOf(definition), removeOnComplete: true, removeOnFail: true };
  return { name, every: schedule.everyMs, template: { data: schedule.payload, opts } };
}

/** Options of every job of a definition. */
export function optionsOf({ attempts, backoffMs }: JobDefinition): MessageOptions {
  return {
    attempts,
    // Shortened by up to a half at random, so that jobs that failed together are not retried together.
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: { age: RETENTION_S.completed, count: MAX_RETAINED },
    removeOnFail: { age: RETENTION_S.failed, count: MAX_RETAINED },
    stackTraceLimit: 10,
  };
}
