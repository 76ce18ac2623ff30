import { Inject, Injectable, Logger } from '@nestjs/common';
import { ThrottledLogger } from '../../common/index.js';
import { JobHandlers } from '../job-handlers.js';
import { JobQueue } from '../job-queue.js';
import { JOB_SETTINGS, type JobSettings } from '../job-settings.js';

const RETRY_MS = 1_000;

/** Ensures that the schedules in Redis are exactly those of the jobs that have one, also after Redis lost its data. */
@Injectable()
export class JobSchedules {
  private readonly logger = new ThrottledLogger(new Logger('Jobs'));
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly handlers: JobHandlers,
    private readonly queue: JobQueue,
    @Inject(JOB_SETTINGS) private readonly settings: JobSettings,
  ) {}

  /** Reconciles the schedules now, and periodically. */
  start(): void {
    void this.check();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async check(): Promise<void> {
    try {
      await this.reconcile();
      this.logger.reset();
      this.checkLater(this.settings.scheduleCheckMs);
    } catch (error) {
      if (!this.isStopped) this.logger.warn('', `reconciling the schedules failed, will retry: ${String(error)}`);
      this.checkLater(RETRY_MS);
    }
  }

  private checkLater(delayMs: number): void {
    if (!this.isStopped) this.timer = setTimeout(() => void this.check(), delayMs).unref();
  }

  private async reconcile(): Promise<void> {
    const scheduled = this.handlers.definitions.filter(({ schedule }) => schedule !== undefined);
    await this.queue.reconcileSchedules(scheduled, this.settings.unclaimedMs);
  }
}
