import { Global, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Env } from '../config/index.js';
import { MetricsModule } from '../observability/index.js';
import { PruneJobs } from './prune-jobs.job.js';
import { JobHandlers } from './job-handlers.js';
import { JobMetrics } from './worker/job-metrics.js';
import { JobQueue } from './job-queue.js';
import { JobRun } from './job-run.entity.js';
import { JobRunsRepository } from './job-runs.repository.js';
import { JobSchedules } from './worker/job-schedules.js';
import { JOB_SETTINGS, jobSettingsFor } from './job-settings.js';
import { JobWorker } from './worker/job-worker.js';
import { Jobs } from './jobs.js';

/** Jobs for every module that may import them: `Jobs` to request them, `@Job` to handle them. */
@Global()
@Module({
  imports: [DiscoveryModule, MetricsModule, TypeOrmModule.forFeature([JobRun])],
  providers: [
    { provide: JOB_SETTINGS, useFactory: jobSettingsFor, inject: [Env] },
    PruneJobs,
    JobHandlers,
    JobMetrics,
    JobQueue,
    JobRunsRepository,
    JobSchedules,
    JobWorker,
    Jobs,
  ],
  exports: [JobQueue, Jobs, JobWorker],
})
export class JobsModule implements OnApplicationBootstrap {
  constructor(
    private readonly http: HttpAdapterHost,
    private readonly worker: JobWorker,
    private readonly env: Env,
  ) {}

  /**
   * A server starts the worker once it listens on its port; in a process without one, the code that runs it calls
   * `start`.
   */
  onApplicationBootstrap(): void {
    if (this.env.jobs) this.http.listen$.subscribe(() => this.worker.start());
  }
}
