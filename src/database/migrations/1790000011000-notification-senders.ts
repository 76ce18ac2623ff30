import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sender of a notification: the user whose action caused it. Limits per sender protect the lists of other users. */
export class NotificationSenders1790000011000 implements MigrationInterface {
  name = 'NotificationSenders1790000011000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE notification ADD sender_id uuid
        CONSTRAINT notification_sender_id_fkey REFERENCES app_user ON DELETE SET NULL
    `);
    await runner.query(`CREATE INDEX notification_sender_idx ON notification (sender_id, user_id, created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE notification DROP sender_id`);
  }
}
