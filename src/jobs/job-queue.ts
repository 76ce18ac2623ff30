import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Queue, type BackoffOptions, type Job, type JobsOptions, type JobType } from 'bullmq';
import type { JsonObject } from '../common/index.js';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import type { JobDefinition } from './define-job.js';

/** The name of the queue, and what its keys begin with: one hash slot of a Cluster. */
export const QUEUE = { name: 'jobs', prefix: '{jobs}' } as const;

const DAY_S = 86_400;
/** How long jobs are kept once they have ended. */
const KEPT_S = { completed: DAY_S, failed: 30 * DAY_S } as const;
/** Of each, so that a busy or a bad day does not fill the memory in which the sessions are. */
const KEPT_AT_MOST = 10_000;
const CLAIMS = '{jobs}:schedule-claims';
const SCHEDULES_AT_MOST = 1_000;

/** A job on its way into the queue, as the outbox keeps it. */
export interface JobMessage {
  readonly id: string;
  readonly name: string;
  readonly payload: JsonObject;
  readonly options: OrderOptions;
}

/** What orders say of BullMQ's options. */
type OrderOptions = Pick<
  JobsOptions,
  'attempts' | 'delay' | 'priority' | 'removeOnComplete' | 'removeOnFail' | 'stackTraceLimit' | 'timestamp'
> & { readonly backoff: BackoffOptions };

/** A schedule as BullMQ gives it back. */
interface Schedule {
  readonly name: string;
  /** Milliseconds. */
  readonly every: number;
  readonly template: { readonly data: object; readonly opts: JobsOptions };
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
  async put(orders: readonly JobMessage[]): Promise<void> {
    await this.queue.addBulk(orders.map(({ id, name, payload, options }) => {
      return { name, data: payload, opts: { ...options, jobId: id } };
    }));
  }

  async find(id: string): Promise<Job | undefined> {
    return this.queue.getJob(id);
  }

  /** Which of these jobs there are, in whatever state. */
  async findKnown(ids: readonly string[]): Promise<Set<string>> {
    const isThere = await Promise.all(ids.map((id) => this.redis.exists(this.queue.toKey(id))));
    return new Set(ids.filter((_id, index) => isThere[index] === 1));
  }

  /** Removes what has ended long enough ago: BullMQ looks only when another job ends in the same way. */
  async removeEnded(): Promise<void> {
    for (const state of ['completed', 'failed'] as const) {
      await this.queue.clean(KEPT_S[state] * 1_000, KEPT_AT_MOST, state);
    }
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

  /**
   * Has jobs run by their schedules, and by no other. Every version says which schedules are its own, and each of them
   * counts as somebody's for `unclaimedMs` after that: during a deployment two versions know different ones, and
   * neither takes away or changes those of the other.
   */
  async reconcileSchedules(definitions: readonly JobDefinition[], unclaimedMs: number): Promise<void> {
    const own = definitions.map(scheduleOf);
    const now = Date.now();
    if (own.length > 0) await this.redis.zadd(CLAIMS, ...own.flatMap((each) => [now, JSON.stringify(each)]));
    await this.redis.zremrangebyscore(CLAIMS, '-inf', now - unclaimedMs);
    const known = await this.queue.getJobSchedulers(0, SCHEDULES_AT_MOST);
    // Read after them: who adds one has claimed it before.
    const claims = (await this.redis.zrange(CLAIMS, 0, -1)).map((claim) => JSON.parse(claim) as Schedule);
    // Of a payload without anything in it BullMQ gives back none.
    const kept = known.filter(({ key, every, template }) =>
      claims.some((claim) => isDeepStrictEqual(claim, { name: key, every, template: { data: {}, ...template } })),
    );
    const isKept = (name: string) => kept.some(({ key }) => key === name);
    for (const { name, every, template } of own.filter(({ name }) => !isKept(name))) {
      await this.queue.upsertJobScheduler(name, { every }, { name, ...template });
    }
    const isWanted = (name: string) => isKept(name) || own.some((each) => each.name === name);
    for (const { key } of known.filter((each) => !isWanted(each.key))) await this.queue.removeJobScheduler(key);
  }
}

function scheduleOf(definition: JobDefinition): Schedule {
  const { name, schedule } = definition;
  if (schedule === undefined) throw new Error(`job '${name}' has no schedule; give it one, or call Jobs.add`);
  // No run is kept: the next one comes anyhow. Thousands would push others out, or bury the dead that are to be seen.
  const opts = { ...optionsOf(definition), removeOnComplete: true, removeOnFail: true };
  return { name, every: schedule.everyMs, template: { data: schedule.payload, opts } };
}

/** What is true of every job of a kind. */
export function optionsOf({ attempts, backoffMs }: JobDefinition): OrderOptions {
  return {
    attempts,
    // By chance up to a half sooner, so that those which failed together do not come back together.
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: { age: KEPT_S.completed, count: KEPT_AT_MOST },
    removeOnFail: { age: KEPT_S.failed, count: KEPT_AT_MOST },
    stackTraceLimit: 10,
  };
}
