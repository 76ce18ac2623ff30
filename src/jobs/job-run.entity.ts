import { CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** A job whose effect is in this database. */
@Entity()
@Index('job_run_done_at_idx', ['doneAt'])
export class JobRun {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'job_run_pkey' })
  jobId!: string;

  @PrimaryColumn('timestamptz', { precision: 3, primaryKeyConstraintName: 'job_run_pkey' })
  addedAt!: Date;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  doneAt!: Date;
}
