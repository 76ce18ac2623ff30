import { Injectable } from '@nestjs/common';
import { defineJob, Job } from '../../jobs/index.js';
import { Rankings } from './rankings.js';

/** Not retried: the next scheduled run does the work. */
const rankPlaces = defineJob('rank-places', { attempts: 1, schedule: { every: '1m', payload: {} } });

/** Rebuilds the rankings every minute. */
@Injectable()
export class RankPlaces {
  constructor(private readonly rankings: Rankings) {}

  @Job(rankPlaces)
  async run(): Promise<void> {
    await this.rankings.rank();
  }
}
