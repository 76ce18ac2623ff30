import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reviews, at most one for each user and place, and their likes; number and mean rating are stored with the place. */
export class Reviews1790000003000 implements MigrationInterface {
  name = 'Reviews1790000003000';

  async up(runner: QueryRunner): Promise<void> {
    await this.createTables(runner);
    await this.rateByReviews(runner);
    await this.countReviewLikes(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE review_like`);
    await runner.query(`DROP TABLE review`);
    await runner.query(`DROP FUNCTION count_review_likes()`);
    await runner.query(`DROP FUNCTION rate_by_changed_review()`);
    await runner.query(`DROP FUNCTION rate_by_reviews()`);
    await runner.query(`DROP FUNCTION rate_place(integer, bigint, bigint)`);
  }

  private async createTables(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE review (
        id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT review_pkey PRIMARY KEY,
        place_id integer NOT NULL CONSTRAINT review_place_id_fkey REFERENCES place ON DELETE CASCADE,
        author_id uuid CONSTRAINT review_author_id_fkey REFERENCES app_user ON DELETE SET NULL,
        rating smallint NOT NULL CONSTRAINT review_rating_check CHECK (rating BETWEEN 1 AND 5),
        content varchar(1000) NOT NULL,
        like_count integer NOT NULL DEFAULT 0 CONSTRAINT review_like_count_check CHECK (like_count >= 0),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT review_place_id_author_id_key UNIQUE (place_id, author_id)
      )
    `);
    await runner.query(`CREATE INDEX review_place_created_at_idx ON review (place_id, created_at, id)`);
    await runner.query(`CREATE INDEX review_place_like_count_idx ON review (place_id, like_count, id)`);
    await runner.query(`CREATE INDEX review_place_rating_idx ON review (place_id, rating, id)`);
    await runner.query(`CREATE INDEX review_author_idx ON review (author_id, created_at, id)`);
    await runner.query(`
      CREATE TABLE review_like (
        review_id integer CONSTRAINT review_like_review_id_fkey REFERENCES review ON DELETE CASCADE,
        user_id uuid CONSTRAINT review_like_user_id_fkey REFERENCES app_user ON DELETE CASCADE,
        CONSTRAINT review_like_pkey PRIMARY KEY (review_id, user_id)
      )
    `);
    await runner.query(`CREATE INDEX review_like_user_idx ON review_like (user_id)`);
  }

  private async rateByReviews(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION rate_place(place_id integer, more_reviews bigint, more_stars bigint) RETURNS void LANGUAGE sql
      AS $$
        UPDATE place SET
          review_count = review_count + more_reviews,
          rating_sum = rating_sum + more_stars,
          rating = CASE review_count + more_reviews WHEN 0 THEN 0
            ELSE round((rating_sum + more_stars)::numeric / (review_count + more_reviews), 2) END
        WHERE id = place_id
      $$
    `);
    await runner.query(`
      CREATE FUNCTION rate_by_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
        change record;
      BEGIN
        FOR change IN
          SELECT place_id, count(*) AS reviews, sum(rating) AS stars FROM changed GROUP BY place_id ORDER BY place_id
        LOOP
          PERFORM rate_place(change.place_id, sign * change.reviews, sign * change.stars);
        END LOOP;
        RETURN NULL;
      END $$
    `);
    await runner.query(`
      CREATE TRIGGER review_added AFTER INSERT ON review
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rate_by_reviews()
    `);
    await runner.query(`
      CREATE TRIGGER review_removed AFTER DELETE ON review
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rate_by_reviews()
    `);
    // For each row, because only such a trigger can have a condition: the many updates that count likes are skipped.
    await runner.query(`
      CREATE FUNCTION rate_by_changed_review() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM rate_place(NEW.place_id, 0, NEW.rating - OLD.rating);
        RETURN NULL;
      END $$
    `);
    await runner.query(`
      CREATE TRIGGER review_rating_changed AFTER UPDATE OF rating ON review
      FOR EACH ROW WHEN (OLD.rating <> NEW.rating) EXECUTE FUNCTION rate_by_changed_review()
    `);
  }

  private async countReviewLikes(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION count_review_likes() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
        change record;
      BEGIN
        FOR change IN SELECT review_id, count(*) AS likes FROM changed GROUP BY review_id ORDER BY review_id LOOP
          UPDATE review SET like_count = like_count + sign * change.likes WHERE id = change.review_id;
        END LOOP;
        RETURN NULL;
      END $$
    `);
    await runner.query(`
      CREATE TRIGGER review_like_added AFTER INSERT ON review_like
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_review_likes()
    `);
    await runner.query(`
      CREATE TRIGGER review_like_removed AFTER DELETE ON review_like
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_review_likes()
    `);
  }
}
