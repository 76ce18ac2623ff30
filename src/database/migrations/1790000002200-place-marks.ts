import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Likes and bookmarks: at most one of a kind for each user and place; the number of likes is stored with the place. */
export class PlaceMarks1790000002200 implements MigrationInterface {
  name = 'PlaceMarks1790000002200';

  async up(runner: QueryRunner): Promise<void> {
    for (const mark of ['place_like', 'place_bookmark']) {
      await runner.query(`
        CREATE TABLE ${mark} (
          place_id integer CONSTRAINT ${mark}_place_id_fkey REFERENCES place ON DELETE CASCADE,
          user_id uuid CONSTRAINT ${mark}_user_id_fkey REFERENCES app_user ON DELETE CASCADE,
          created_at timestamptz(3) NOT NULL DEFAULT now(),
          CONSTRAINT ${mark}_pkey PRIMARY KEY (place_id, user_id)
        )
      `);
      await runner.query(`CREATE INDEX ${mark}_user_idx ON ${mark} (user_id, created_at, place_id)`);
    }
    // In the order of ids, so that two statements that count for the same places cannot deadlock.
    await runner.query(`
      CREATE FUNCTION count_place_likes() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
        change record;
      BEGIN
        FOR change IN SELECT place_id, count(*) AS likes FROM changed GROUP BY place_id ORDER BY place_id LOOP
          UPDATE place SET like_count = like_count + sign * change.likes WHERE id = change.place_id;
        END LOOP;
        RETURN NULL;
      END $$
    `);
    await runner.query(`
      CREATE TRIGGER place_like_added AFTER INSERT ON place_like
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_place_likes()
    `);
    await runner.query(`
      CREATE TRIGGER place_like_removed AFTER DELETE ON place_like
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_place_likes()
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE place_bookmark`);
    await runner.query(`DROP TABLE place_like`);
    await runner.query(`DROP FUNCTION count_place_likes()`);
  }
}
