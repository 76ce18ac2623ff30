import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The greatest fencing token accepted so far, by name of the lock. */
export class LockFences1790000005000 implements MigrationInterface {
  name = 'LockFences1790000005000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE lock_fence (name text PRIMARY KEY, fence bigint NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lock_fence');
  }
}
