import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Places, with an index for every sort of every filter. */
export class Places1790000002000 implements MigrationInterface {
  name = 'Places1790000002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE place (
        id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT place_pkey PRIMARY KEY,
        name varchar(100) NOT NULL,
        category text NOT NULL,
        address varchar(200) NOT NULL,
        district text NOT NULL,
        lat double precision NOT NULL,
        lng double precision NOT NULL,
        description varchar(2000) NOT NULL,
        phone varchar(20),
        homepage varchar(500),
        kakao_id varchar(20) CONSTRAINT place_kakao_id_key UNIQUE,
        opening_hours json,
        like_count integer NOT NULL DEFAULT 0,
        review_count integer NOT NULL DEFAULT 0,
        rating_sum integer NOT NULL DEFAULT 0,
        rating numeric(3, 2) NOT NULL DEFAULT 0,
        owner_id uuid CONSTRAINT place_owner_id_fkey REFERENCES app_user ON DELETE SET NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT place_counts_check CHECK (like_count >= 0 AND review_count >= 0),
        CONSTRAINT place_rating_check CHECK (
          rating = CASE review_count WHEN 0 THEN 0 ELSE round(rating_sum::numeric / review_count, 2) END
        )
      )
    `);
    // Normal form of names and addresses: ignores case, white space, and composed or decomposed Hangul.
    await runner.query(`
      CREATE FUNCTION place_identity(input text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      AS $$ SELECT regexp_replace(lower(normalize(input, NFC)), '\\s', '', 'g') $$
    `);
    await runner.query(`
      CREATE UNIQUE INDEX place_name_address_key ON place (place_identity(name), place_identity(address))
    `);
    await runner.query(`CREATE INDEX place_owner_idx ON place (owner_id)`);
    for (const filter of [[], ['category'], ['district'], ['district', 'category']]) {
      for (const sort of ['created_at', 'like_count', 'rating', 'review_count']) {
        const name = ['place', ...filter, sort, 'idx'].join('_');
        await runner.query(`CREATE INDEX ${name} ON place (${[...filter, sort, 'id'].join(', ')})`);
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE place`);
    await runner.query(`DROP FUNCTION place_identity(text)`);
  }
}
