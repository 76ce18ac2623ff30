import { Inject, Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';

const INSERT = 'INSERT INTO job_run (job_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING job_id';
const DELETE = `
  DELETE FROM job_run WHERE job_id IN (
    SELECT job_id FROM job_run WHERE done_at < now() - $1 * interval '1 day' ORDER BY done_at LIMIT $2
  ) RETURNING job_id
`;

/** Every query on the jobs whose effect is in this database. */
@Injectable()
export class JobRunsRepository {
  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /** Waits for a transaction that is just about the same job. @returns false when the job is there already */
  async insert(jobId: string): Promise<boolean> {
    return (await this.txHost.tx.query<unknown[]>(INSERT, [jobId])).length > 0;
  }

  /** @returns how many there were, `limit` at most */
  async deleteOlderThan(days: number, limit: number): Promise<number> {
    const [deleted] = await this.txHost.tx.query<[unknown[], number]>(DELETE, [days, limit]);
    return deleted.length;
  }
}
