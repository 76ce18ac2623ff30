import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Request time as part of the key of idempotency records, since jobs with the same key have the same id. Existing
 * records, and those that the previous version writes while both run, get a default time.
 */
export class JobRunsByTime1790000009000 implements MigrationInterface {
  name = 'JobRunsByTime1790000009000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE job_run
        ADD added_at timestamptz(3) NOT NULL DEFAULT '1970-01-01 00:00:00+00',
        DROP CONSTRAINT job_run_pkey,
        ADD CONSTRAINT job_run_pkey PRIMARY KEY (job_id, added_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM job_run AS note USING job_run AS later
      WHERE note.job_id = later.job_id AND note.added_at < later.added_at
    `);
    await runner.query(`
      ALTER TABLE job_run
        DROP CONSTRAINT job_run_pkey,
        DROP added_at,
        ADD CONSTRAINT job_run_pkey PRIMARY KEY (job_id)
    `);
  }
}
