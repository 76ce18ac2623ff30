import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Jobs of one key have the same id: which of them a note is on, the time says at which it was asked for. Notes that are
 * there, and those that the version before writes while both run, get one time for all.
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
