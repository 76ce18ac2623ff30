import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Idempotency records of jobs: a job that runs twice has its effect in this database once. */
export class Jobs1790000006000 implements MigrationInterface {
  name = 'Jobs1790000006000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE job_run (
        job_id text CONSTRAINT job_run_pkey PRIMARY KEY,
        done_at timestamptz(3) NOT NULL DEFAULT now()
      )
    `);
    await runner.query('CREATE INDEX job_run_done_at_idx ON job_run (done_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE job_run');
  }
}
