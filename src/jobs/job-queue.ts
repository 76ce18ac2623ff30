import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Queue, type Job, type JobsOptions, type JobType } from 'bullmq';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import type { JobDefinition } from './define-job.js';

/** The name of the queue, and what its keys begin with: one hash slot of a Cluster. */
export const QUEUE = { name: 'jobs', prefix: '{jobs}' } as const;
export const FAILED_KEPT_DAYS = 30;

const DAY_S = 86_400;
/** So that a busy day does not fill the memory. */
const COMPLETED_KEPT = 10_000;
const CLAIMS = '{jobs}:claims';
const SCHEDULES_AT_MOST = 1_000;

/** A job on its way into the queue, as the outbox keeps it. */
export interface JobOrder {
  readonly id: string;
  readonly name: string;
  readonly payload: object;
  readonly options: JobsOptions;
}

/**
 * The queue as those see it who put jobs in and look at them. It is on the connection `store`, where every wait is
 * bounded: nobody waits longer than a second for an answer. (The `queue` connection, which waits without end, is that
 * of the worker alone.)
 */
@Injectable()
export class JobQueue {
  /** For Bull Board. */
  readonly queue: Queue;

  constructor(@InjectRedis('store') private readonly redis: RedisClient) {
    const instantly = { skipVersionCheck: true, skipWaitingForReady: true, skipMetasUpdate: true };
    this.queue = new Queue(QUEUE.name, { connection: redis, prefix: QUEUE.prefix, ...instantly });
    // Told by whoever waits for the answer.
    this.queue.on('error', () => undefined);
  }

  /** Those whose id is known already are left as they are. */
  async put(orders: readonly JobOrder[]): Promise<void> {
    await this.queue.addBulk(orders.map(({ id, name, payload, options }) => {
      return { name, data: payload, opts: { ...options, jobId: id } };
    }));
  }

  async find(id: string): Promise<Job | undefined> {
    return this.queue.getJob(id);
  }

  /** Oldest first, or newest first where they have ended. */
  async list(type: JobType, offset: number, limit: number): Promise<Job[]> {
    const isEnded = type === 'completed' || type === 'failed';
    return this.queue.getJobs(type, offset, offset + limit - 1, !isEnded);
  }

  /** How many there are of each type; costs the same however many. */
  count(...types: JobType[]): Promise<Record<string, number>> {
    return this.queue.getJobCounts(...types);
  }

  /** Has the job run by its schedule from now on, if it does not already in just this way. */
  async schedule(definition: JobDefinition): Promise<void> {
    const { name, schedule } = definition;
    if (schedule === undefined) return;
    const { everyMs, payload } = schedule;
    // No run is kept: the next one comes anyhow. Thousands would push others out, or bury the dead that are to be seen.
    const opts = { ...optionsOf(definition), removeOnComplete: true, removeOnFail: true };
    const known = await this.queue.getJobScheduler(name);
    if (known?.every === everyMs && isDeepStrictEqual(known.template, { data: payload, opts })) return;
    await this.queue.upsertJobScheduler(name, { every: everyMs }, { name, data: payload, opts });
  }

  /**
   * Says that these schedules are somebody's, and removes those of which nobody has said so for `unclaimedMs`: during a
   * deployment two versions know different ones, and neither may take away the other's.
   */
  async claimSchedules(names: readonly string[], unclaimedMs: number): Promise<void> {
    const now = Date.now();
    if (names.length > 0) await this.redis.zadd(CLAIMS, ...names.flatMap((name) => [now, name]));
    await this.redis.zremrangebyscore(CLAIMS, '-inf', now - unclaimedMs);
    const claimed = new Set(await this.redis.zrange(CLAIMS, 0, -1));
    const known = await this.queue.getJobSchedulers(0, SCHEDULES_AT_MOST);
    for (const { key } of known) if (!claimed.has(key)) await this.queue.removeJobScheduler(key);
  }
}

/** What is true of every job of a kind. */
export function optionsOf({ attempts, backoffMs }: JobDefinition): JobsOptions {
  return {
    attempts,
    // By chance up to a half sooner, so that those which failed together do not come back together.
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: { age: DAY_S, count: COMPLETED_KEPT },
    removeOnFail: { age: FAILED_KEPT_DAYS * DAY_S },
    stackTraceLimit: 10,
  };
}
