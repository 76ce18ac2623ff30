import type { MigrationInterface, QueryRunner } from 'typeorm';

/** User accounts. */
export class Users1790000001000 implements MigrationInterface {
  name = 'Users1790000001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE app_user (
        id uuid CONSTRAINT app_user_pkey PRIMARY KEY,
        email varchar(254) NOT NULL,
        nickname varchar(20) NOT NULL,
        password_hash text,
        role text NOT NULL DEFAULT 'user' CONSTRAINT app_user_role_check CHECK (role IN ('user', 'admin')),
        tier text NOT NULL DEFAULT 'user' CONSTRAINT app_user_tier_check CHECK (tier IN ('user', 'premium', 'admin')),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )
    `);
    await runner.query(`CREATE UNIQUE INDEX app_user_email_key ON app_user (lower(email))`);
    await runner.query(`CREATE UNIQUE INDEX app_user_nickname_key ON app_user (lower(nickname))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE app_user`);
  }
}
