import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { DelayedError, WaitingError, type Job } from 'bullmq';
import { settlesWithin, ThrottledLogger } from '../../common/index.js';
import { runWithRequestId } from '../../observability/index.js';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import type { JobContext } from '../define-job.js';
import { JobHandlers } from '../job-handlers.js';
import { COUNT_ATTEMPT } from './count-attempt.script.js';
import { JobLocks } from './job-locks.js';
import { JobMetrics } from './job-metrics.js';
import { QUEUE } from '../job-queue.js';
import { JobSchedules } from './job-schedules.js';
import { JOB_SETTINGS, type JobSettings } from '../job-settings.js';
import { PausingWorker } from './pausing-worker.js';

/**
 * Stalled runs before a job fails permanently. High, because a killed process is rarely the fault of its jobs, but
 * finite, so that a job that kills every process fails in the end.
 */
const MAX_STALLED_RUNS = 1_000;
/** Delay before a Redis that was unavailable is queried again. */
const RETRY_MS = 1_000;
/** Time for cancelled jobs to stop and to report that to Redis. */
const CANCEL_GRACE_MS = 1_000;
/**
 * A job that this version does not know is deferred for at most this long: a newer version starts within that time, or
 * never.
 */
const UNKNOWN_JOB_TTL_MS = 3_600_000;

/** Runs waiting jobs, several at the same time. */
@Injectable()
export class JobWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private readonly running = new Set<Promise<void>>();
  private worker: PausingWorker<object> | undefined;
  private locks: JobLocks | undefined;
  private isStopping = false;
  private isRequeueing = false;
  private readonly outages = new ThrottledLogger(this.logger);

  constructor(
    @InjectRedis('queue') private readonly redis: RedisClient,
    private readonly handlers: JobHandlers,
    private readonly metrics: JobMetrics,
    private readonly schedules: JobSchedules,
    @Inject(JOB_SETTINGS) private readonly settings: JobSettings,
  ) {}

  /** Starts once, unless the process is stopping; without Redis it waits for it. */
  start(): void {
    if (this.worker !== undefined || this.isStopping) return;
    // BullMQ creates a signal only for a function with three parameters.
    this.worker = new PausingWorker<object>(QUEUE.name, (job, token, signal) => this.track(job, token, signal), {
      connection: this.redis,
      prefix: QUEUE.prefix,
      concurrency: this.settings.concurrency,
      lockDuration: this.settings.lockMs,
      stalledInterval: this.settings.stalledCheckMs,
      maxStalledCount: MAX_STALLED_RUNS,
      runRetryDelay: RETRY_MS,
      skipVersionCheck: true,
    });
    this.worker.on('failed', (job, error) => this.logFailure(job, error));
    this.worker.on('stalled', (id) => this.logger.warn(`job ${id} stalled: moved back to the queue`));
    this.locks = new JobLocks(this.settings.lockMs);
    this.worker.on('locksRenewed', ({ jobIds }) => this.locks?.renew(jobIds));
    this.worker.on('lockRenewalFailed', (ids) => this.locks?.drop(ids));
    // Outages of Redis are also logged by the connection.
    this.worker.on('error', (error) => this.outages.warn(error.message, `job worker error: ${String(error)}`));
    this.schedules.start();
  }

  /**
   * Fetches no more jobs and waits for the running ones. Jobs that do not end within the grace period are cancelled
   * through their signal and requeued; a job that ignores the signal is run by another process once this process has
   * ended and its lock has expired.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.schedules.stop();
    if (this.worker === undefined) return;
    const closed = this.worker.close();
    const idle = async () => {
      while (this.running.size > 0) await Promise.all(this.running);
    };
    if (!(await settlesWithin(idle(), this.settings.graceMs))) {
      this.isRequeueing = true;
      this.logger.warn(`${this.running.size} jobs did not finish within the grace period; requeued`);
      this.worker.cancelAllJobs('the process is shutting down');
      await settlesWithin(idle(), CANCEL_GRACE_MS);
    }
    if (!(await settlesWithin(closed, CANCEL_GRACE_MS))) await this.worker.stopRenewingLocks();
    this.locks?.stop();
  }

  private track(job: Job<object>, token = '', signal = new AbortController().signal): Promise<void> {
    const { id = '' } = job;
    this.outages.reset();
    const lost = this.locks?.take(id, token);
    const combined = lost === undefined ? signal : AbortSignal.any([signal, lost]);
    const run = runWithRequestId(id, () => this.runLocked(job, token, combined));
    const settled = run.catch(() => undefined);
    this.running.add(settled);
    void settled.then(() => {
      this.locks?.release(id, token);
      this.running.delete(settled);
    });
    return run;
  }

  /**
   * Discards the result of a run that has lost its lock: another process may have started the job again. The attempt
   * counts, since this process is alive; otherwise a handler that blocks its process would run forever.
   */
  private async runLocked(job: Job<object>, token: string, signal: AbortSignal): Promise<void> {
    const result = await this.run(job, token, signal).then(() => undefined, (error: unknown) => ({ error }));
    const wasMoved = result?.error instanceof WaitingError || result?.error instanceof DelayedError;
    if (!wasMoved && (await this.hasLostLock(job, token))) {
      await this.countAttempt(job);
      // Makes BullMQ leave the job as it is: it no longer belongs to this worker.
      throw new WaitingError();
    }
    if (result !== undefined) throw result.error;
  }

  /** Checks the lock in Redis only if it may have expired, and extends it while the job is moved. */
  private async hasLostLock(job: Job, token: string): Promise<boolean> {
    if (this.locks?.mayHaveExpired(job.id ?? '', token) !== true) return false;
    return (await job.extendLock(token, this.settings.lockMs)) === 0;
  }

  private async countAttempt({ id = '', name, opts: { attempts = 1 } }: Job): Promise<void> {
    const { lockMs } = this.settings;
    const reason = `lost its lock: its handler blocked the process for over ${lockMs} ms, or Redis was unavailable`;
    const key = this.worker?.toKey(id) ?? '';
    const made = Number(await COUNT_ATTEMPT.run(this.redis, [key], [attempts, reason]));
    if (made > 0) this.logger.warn(`job ${id} (${name}): attempt ${made} of ${attempts} ${reason}`);
  }

  private async run(job: Job<object>, token: string, signal: AbortSignal): Promise<void> {
    // The job was fetched while the process was stopping.
    if (this.isStopping) return this.requeue(job, token);
    const handler = this.handlers.find(job.name);
    if (handler === undefined) return this.defer(job, token);
    const recordOutcome = this.metrics.begin(job.name);
    try {
      await handler.run(job.data, contextOf(job, signal));
      recordOutcome('done');
    } catch (error) {
      if (this.isRequeueing && signal.aborted) return await this.requeue(job, token);
      recordOutcome('failed');
      throw error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Moves the job to the front of the queue; the attempt does not count. */
  private async requeue(job: Job, token: string): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** Defers a job of a newer version for a process of that version, without counting an attempt. */
  private async defer(job: Job, token: string): Promise<void> {
    const deferrals = job.attemptsStarted - job.attemptsMade;
    if (deferrals * this.settings.unknownRetryMs < UNKNOWN_JOB_TTL_MS) {
      await job.moveToDelayed(Date.now() + this.settings.unknownRetryMs, token);
      throw new DelayedError();
    }
    // Its schedule will be removed.
    if (job.repeatJobKey !== undefined) return;
    throw new Error(`no handler for job '${job.name}': it was added by a newer version, or its handler was removed`);
  }

  private logFailure(job: Job | undefined, error: Error): void {
    const { id = '', name = 'unknown', attemptsMade = 0, opts, finishedOn } = job ?? {};
    const what = `job ${id} (${name}): attempt ${attemptsMade} of ${opts?.attempts ?? 1} failed`;
    if (finishedOn === undefined) this.logger.warn(`${what}, will be retried: ${String(error)}`);
    else this.logger.error(`${what} permanently: ${String(error)}`, error.stack);
  }
}

function contextOf(job: Job, signal: AbortSignal): JobContext {
  return {
    id: job.id ?? '',
    addedAt: new Date(job.timestamp),
    attempt: job.attemptsMade + 1,
    signal,
    progress: (percent) => job.updateProgress(percent),
  };
}
