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
const THESE = '(job_id, added_at) IN (SELECT * FROM unnest($1::text[], $2::timestamptz[]))';
const RENEW = `UPDATE job_run SET done_at = now() WHERE ${THESE}`;
const DELETE = `DELETE FROM job_run WHERE ${THESE}`;

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
  async renew(notes: readonly ProcessedJob[]): Promise<void> {
    await this.change(RENEW, notes);
  }

  async delete(notes: readonly ProcessedJob[]): Promise<void> {
    await this.change(DELETE, notes);
  }

  private async change(sql: string, notes: readonly ProcessedJob[]): Promise<void> {
    if (notes.length === 0) return;
    await this.txHost.tx.query(sql, [notes.map(({ jobId }) => jobId), notes.map(({ addedAt }) => addedAt)]);
  }
}
