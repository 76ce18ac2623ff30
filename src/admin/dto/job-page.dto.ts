import type { Page } from '../../common/index.js';
import type { JobStatus } from '../../jobs/index.js';
import { JobDto } from './job.dto.js';

/** Some of the jobs in one state. */
export class JobPageDto {
  /** What begins next or has ended last comes first. */
  items!: JobDto[];

  /**
   * Send it as `cursor` to get the next page; null on the last one.
   * @example 'q0cUo2sQm9cVb2yTnWzAsIjM0IiwiYWJjIl0'
   */
  nextCursor!: string | null;

  static from({ items, nextCursor }: Page<JobStatus>): JobPageDto {
    return Object.assign(new JobPageDto(), { items: items.map((each) => JobDto.from(each)), nextCursor });
  }
}
