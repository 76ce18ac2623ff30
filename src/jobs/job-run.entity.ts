import { CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** `addedAt` of records without a time of their own. */
const NO_TIME = '1970-01-01 00:00:00+00';

/** Idempotency record: a job whose effect has been applied in this database. */
@Entity()
@Index('job_run_done_at_idx', ['doneAt'])
export class JobRun {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'job_run_pkey' })
  jobId!: string;

  @PrimaryColumn('timestamptz', { precision: 3, default: NO_TIME, primaryKeyConstraintName: 'job_run_pkey' })
  addedAt!: Date;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  doneAt!: Date;
}
