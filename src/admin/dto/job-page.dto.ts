import type { Page } from '../../common/index.js';
import type { JobStatus } from '../../jobs/index.js';
import { JobDto } from './job.dto.js';

/** Page of jobs in one state. */
export class JobPageDto {
  /** Jobs that run next or ended last come first. */
  items!: JobDto[];

  /**
   * `cursor` of the next page; null on the last page.
   * @example 'q0cUo2sQm9cVb2yTnWzAsIjM0IiwiYWJjIl0'
   */
  nextCursor!: string | null;

  static from({ items, nextCursor }: Page<JobStatus>): JobPageDto {
    return Object.assign(new JobPageDto(), { items: items.map((each) => JobDto.from(each)), nextCursor });
  }
}
