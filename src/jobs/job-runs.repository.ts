import { Inject, Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';

/** Idempotency record: a job whose effect has been applied. */
export interface ProcessedJob {
  readonly jobId: string;
  /** Two jobs of one key have the same id, but were not requested at the same time. */
  readonly addedAt: Date;
}

// Records of versions that stored no times apply to every job with the id.
const INSERT = `
  INSERT INTO job_run (job_id, added_at) SELECT $1, $2
  WHERE NOT EXISTS (SELECT FROM job_run WHERE job_id = $1 AND added_at = to_timestamp(0))
  ON CONFLICT DO NOTHING RETURNING job_id
`;
const OLDER_THAN = `
  SELECT job_id AS "jobId", added_at AS "addedAt" FROM job_run
  WHERE done_at < now() - $1 * interval '1 day' ORDER BY done_at LIMIT $2
`;
const MATCHING = '(job_id, added_at) IN (SELECT * FROM unnest($1::text[], $2::timestamptz[]))';
const RENEW = `UPDATE job_run SET done_at = now() WHERE ${MATCHING}`;
const DELETE = `DELETE FROM job_run WHERE ${MATCHING}`;

/** All queries on the idempotency records of jobs. */
@Injectable()
export class JobRunsRepository {
  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /**
   * Inserts a record; waits for a concurrent transaction on the same job.
   * @returns false if the record exists already
   */
  async insert({ jobId, addedAt }: ProcessedJob): Promise<boolean> {
    return (await this.txHost.tx.query<unknown[]>(INSERT, [jobId, addedAt])).length > 0;
  }

  /** The oldest records, at most `limit`. */
  async findOlderThan(days: number, limit: number): Promise<ProcessedJob[]> {
    return this.txHost.tx.query<ProcessedJob[]>(OLDER_THAN, [days, limit]);
  }

  /** Resets the age of the records to that of new ones. */
  async renew(records: readonly ProcessedJob[]): Promise<void> {
    await this.change(RENEW, records);
  }

  async delete(records: readonly ProcessedJob[]): Promise<void> {
    await this.change(DELETE, records);
  }

  private async change(sql: string, records: readonly ProcessedJob[]): Promise<void> {
    if (records.length === 0) return;
    await this.txHost.tx.query(sql, [records.map(({ jobId }) => jobId), records.map(({ addedAt }) => addedAt)]);
  }
}
