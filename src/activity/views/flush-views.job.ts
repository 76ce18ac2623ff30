import { Injectable } from '@nestjs/common';
import { defineJob, Job } from '../../jobs/index.js';
import { ViewFlush } from './view-flush.js';

/** Not retried: the next scheduled run does the work. */
const flushViews = defineJob('flush-views', { attempts: 1, schedule: { every: '10s', payload: {} } });

/** Flushes views to PostgreSQL every ten seconds; a view is written within about twenty seconds. */
@Injectable()
export class FlushViews {
  constructor(private readonly flush: ViewFlush) {}

  @Job(flushViews)
  async run(): Promise<void> {
    await this.flush.run();
  }
}
