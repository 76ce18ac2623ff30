import { Injectable } from '@nestjs/common';
import { defineJob, Job } from '../../jobs/index.js';
import { ViewFlush } from './view-flush.js';

/** Not tried again: the next run does it. */
export const flushViews = defineJob('flush-views', { attempts: 1, schedule: { every: '10s', payload: {} } });

/** Writes views into PostgreSQL every ten seconds, so that they are there after twenty. */
@Injectable()
export class FlushViews {
  constructor(private readonly flush: ViewFlush) {}

  @Job(flushViews)
  async run(): Promise<void> {
    await this.flush.run();
  }
}
