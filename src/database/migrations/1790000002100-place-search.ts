import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Substring search, down to one Hangul syllable: texts are indexed by their one- and two-character substrings. They
 * have a table of their own, since each like updates the row of its place and with it all index entries of the row.
 */
export class PlaceSearch1790000002100 implements MigrationInterface {
  name = 'PlaceSearch1790000002100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION search_text(input text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      AS $$ SELECT lower(normalize(input, NFC)) $$
    `);
    await runner.query(`
      CREATE FUNCTION search_grams(input text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      AS $$
        SELECT array_agg(DISTINCT substr(word, at, letters))
        FROM regexp_split_to_table(input, '\\s+') AS word,
          generate_series(1, char_length(word)) AS at,
          generate_series(1, least(2, char_length(word) - at + 1)) AS letters
      $$
    `);
    await runner.query(`
      CREATE TABLE place_search (
        place_id integer CONSTRAINT place_search_pkey PRIMARY KEY
          CONSTRAINT place_search_place_id_fkey REFERENCES place ON DELETE CASCADE,
        input text NOT NULL,
        grams text[] GENERATED ALWAYS AS (search_grams(input)) STORED
      )
    `);
    await runner.query(`CREATE INDEX place_search_grams_idx ON place_search USING gin (grams)`);
    await runner.query(`
      CREATE FUNCTION keep_place_search() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO place_search (place_id, input)
          VALUES (NEW.id, search_text(concat_ws(' ', NEW.name, NEW.address, NEW.description)))
          ON CONFLICT (place_id) DO UPDATE SET input = EXCLUDED.input;
        RETURN NULL;
      END $$
    `);
    await runner.query(`
      CREATE TRIGGER place_search AFTER INSERT OR UPDATE OF name, address, description ON place
      FOR EACH ROW EXECUTE FUNCTION keep_place_search()
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER place_search ON place`);
    await runner.query(`DROP FUNCTION keep_place_search()`);
    await runner.query(`DROP TABLE place_search`);
    await runner.query(`DROP FUNCTION search_grams(text)`);
    await runner.query(`DROP FUNCTION search_text(text)`);
  }
}
