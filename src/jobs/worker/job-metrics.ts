import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DurationHistogram, Metrics } from '../../observability/index.js';
import { JobQueue } from '../job-queue.js';

/** Outcome of a run. */
type Outcome = 'done' | 'failed';

/** Metrics of the queue, which all processes share, and of the runs in this process. */
@Injectable()
export class JobMetrics implements OnModuleInit {
  private readonly durations = new Map<string, DurationHistogram>();

  constructor(
    private readonly metrics: Metrics,
    private readonly queue: JobQueue,
  ) {}

  onModuleInit(): void {
    this.metrics.add({
      name: 'ecogreen_jobs_queued',
      help: 'Jobs of all processes by state: waiting, delayed, active, failed.',
      type: 'gauge',
      read: async () => {
        const { wait = 0, prioritized = 0, ...rest } = await this.queue.count(
          'wait', 'prioritized', 'delayed', 'active', 'failed',
        );
        return Object.entries({ waiting: wait + prioritized, ...rest }).map(([state, value]) => {
          return { labels: { state }, value };
        });
      },
    });
    this.metrics.add({
      name: 'ecogreen_jobs_run_duration_seconds',
      help: 'Duration of job runs in this process, by outcome.',
      type: 'histogram',
      read: () => [...this.durations.values()].flatMap((durations) => durations.samples()),
    });
  }

  /** @returns a function to be called with the outcome of the run */
  begin(job: string): (outcome: Outcome) => void {
    const begun = performance.now();
    return (outcome) => this.durationsOf(job, outcome).observe(performance.now() - begun);
  }

  private durationsOf(job: string, outcome: Outcome): DurationHistogram {
    const key = `${job}:${outcome}`;
    const durations = this.durations.get(key) ?? new DurationHistogram({ job, outcome });
    this.durations.set(key, durations);
    return durations;
  }
}
