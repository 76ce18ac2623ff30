import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Transactional outbox. Rows live for milliseconds, so autovacuum starts after a number of dead rows instead of a share
 * of the table.
 */
export class Outbox1790000004000 implements MigrationInterface {
  name = 'Outbox1790000004000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
        topic text NOT NULL,
        payload json NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      ) WITH (
        autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_insert_scale_factor = 0,
        autovacuum_vacuum_insert_threshold = 20000,
        autovacuum_analyze_scale_factor = 0,
        autovacuum_analyze_threshold = 20000,
        autovacuum_vacuum_cost_delay = 0
      )
    `);
    await runner.query(`CREATE INDEX outbox_topic_idx ON outbox (topic, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE outbox`);
  }
}
