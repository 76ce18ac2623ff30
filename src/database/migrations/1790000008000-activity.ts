import type { MigrationInterface, QueryRunner } from 'typeorm';

const FILTERS = [[], ['category'], ['district'], ['district', 'category']];
/** Tables whose rows count towards popularity by their time of creation. */
const HAPPENINGS = ['place_like', 'place_bookmark', 'review'];

/** Hourly views of places, ids of the view batches already written, and popularity scores. */
export class Activity1790000008000 implements MigrationInterface {
  name = 'Activity1790000008000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE place_view (
        hour timestamptz NOT NULL,
        place_id integer NOT NULL CONSTRAINT place_view_place_id_fkey REFERENCES place ON DELETE CASCADE,
        views integer NOT NULL,
        CONSTRAINT place_view_pkey PRIMARY KEY (hour, place_id)
      )
    `);
    await runner.query(`CREATE INDEX place_view_place_idx ON place_view (place_id)`);
    await runner.query(`
      CREATE TABLE view_batch (
        id uuid CONSTRAINT view_batch_pkey PRIMARY KEY,
        written_at timestamptz NOT NULL DEFAULT now()
      )
    `);
    await runner.query(`CREATE INDEX view_batch_written_at_idx ON view_batch (written_at)`);
    await runner.query(`ALTER TABLE place ADD popularity integer NOT NULL DEFAULT 0`);
    for (const filter of FILTERS) {
      const name = ['place', ...filter, 'popularity', 'idx'].join('_');
      await runner.query(`CREATE INDEX ${name} ON place (${[...filter, 'popularity', 'id'].join(', ')})`);
    }
    for (const table of HAPPENINGS) {
      await runner.query(`CREATE INDEX ${table}_created_at_idx ON ${table} (created_at, place_id)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of HAPPENINGS) await runner.query(`DROP INDEX ${table}_created_at_idx`);
    await runner.query(`ALTER TABLE place DROP popularity`);
    await runner.query(`DROP TABLE view_batch`);
    await runner.query(`DROP TABLE place_view`);
  }
}
