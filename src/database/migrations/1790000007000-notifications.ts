import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications, one per source, and the read position of each user. */
export class Notifications1790000007000 implements MigrationInterface {
  name = 'Notifications1790000007000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE notification (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notification_pkey PRIMARY KEY,
        source text NOT NULL CONSTRAINT notification_source_key UNIQUE,
        audience text NOT NULL,
        user_id uuid CONSTRAINT notification_user_id_fkey REFERENCES app_user ON DELETE CASCADE,
        kind text NOT NULL,
        data json NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT notification_audience_check CHECK (
          CASE audience WHEN 'user' THEN user_id IS NOT NULL WHEN 'admins' THEN user_id IS NULL
            WHEN 'all' THEN user_id IS NULL ELSE false END
        )
      )
    `);
    await runner.query(`CREATE INDEX notification_recipient_idx ON notification (user_id, audience, id)`);
    await runner.query(`
      CREATE TABLE notification_read_mark (
        user_id uuid CONSTRAINT notification_read_mark_pkey PRIMARY KEY
          CONSTRAINT notification_read_mark_user_id_fkey REFERENCES app_user ON DELETE CASCADE,
        up_to bigint NOT NULL
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE notification_read_mark`);
    await runner.query(`DROP TABLE notification`);
  }
}
