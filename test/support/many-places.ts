import type { DataSource, QueryRunner } from 'typeorm';
import { CATEGORY_CODES, DISTRICT_NAMES } from '../../src/places/index.js';

export const PLACES = 100_000;
const REVIEWS = 100_000;
const REVIEWED = 20_000;
const USERS = 1_000;

/**
 * Fills a database in about 10 s with places in all districts and categories; WORKSHOP, the rare one, has one in 5,000.
 * Each place has views, a like and a bookmark, the first 20,000 have five reviews, and `readerId` a hundred of each.
 * No place is in both CAFE and 성동구, although both have many.
 */
export async function fillWithPlaces(dataSource: DataSource, readerId: string): Promise<void> {
  const runner = dataSource.createQueryRunner();
  // Without triggers, which would count row by row; the counters have arbitrary values.
  await runner.query('SET session_replication_role = replica');
  await runner.query(`
    INSERT INTO app_user (id, email, nickname)
    SELECT gen_random_uuid(), n || '@example.com', 'u' || n FROM generate_series(1, ${USERS}) AS n
  `);
  await runner.query('CREATE TEMP TABLE person AS SELECT row_number() OVER () - 1 AS at, id FROM app_user');
  await withoutIndexes(runner, async () => {
    await insertPlaces(runner);
    await insertReviews(runner, readerId);
  });
  for (const table of ['place_like', 'place_bookmark']) {
    await runner.query(`
      INSERT INTO ${table} (place_id, user_id, created_at)
      SELECT 1 + n % ${PLACES}, id, '2026-01-01'::timestamptz + n * interval '1 s'
      FROM generate_series(1, ${PLACES}) AS n JOIN person ON at = (n * 13) % ${USERS}
    `);
    await runner.query(
      `INSERT INTO ${table} (place_id, user_id) SELECT n * 10, $1 FROM generate_series(1, 100) AS n`,
      [readerId],
    );
  }
  await runner.query(`
    INSERT INTO place_view (hour, place_id, views)
    SELECT date_trunc('hour', now()) - n % 168 * interval '1 hour', n, 1 + n % 30
    FROM generate_series(1, ${PLACES}) AS n
  `);
  await insertNotifications(runner);
  await runner.query('SET session_replication_role = origin');
  await runner.query('VACUUM ANALYZE');
  await runner.release();
}

async function insertNotifications(runner: QueryRunner): Promise<void> {
  await runner.query(`
    INSERT INTO notification (source, audience, user_id, kind, data)
    SELECT 'made up ' || at || ' ' || n, 'user', id, 'review-liked', '{}' FROM person, generate_series(1, 20) AS n
  `);
  await runner.query('INSERT INTO notification_read_mark (user_id, up_to) SELECT id, 1 FROM person');
}

/** Drops the indexes during `work`: building them once is faster than updating twenty per row. */
async function withoutIndexes(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  const indexes = (await runner.query(`
    SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
    WHERE indrelid IN ('place'::regclass, 'place_search'::regclass, 'review'::regclass)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
  `)) as { name: string; definition: string }[];
  for (const { name } of indexes) await runner.query(`DROP INDEX ${name}`);
  await work();
  for (const { definition } of indexes) await runner.query(definition);
}

async function insertPlaces(runner: QueryRunner): Promise<void> {
  const categories = CATEGORY_CODES.filter((code) => code !== 'WORKSHOP');
  await runner.query(
    `
    INSERT INTO place (name, category, address, district, lat, lng, description, like_count, review_count, rating_sum,
      rating, popularity, owner_id, created_at)
    SELECT
      '가게' || n || '호',
      CASE WHEN n % 5000 = 0 THEN 'WORKSHOP' ELSE ($1::text[])[1 + n % 5] END,
      '서울 길 ' || n,
      CASE WHEN n % 5 = 3 AND n / 5 % 25 = 3 THEN '종로구' ELSE ($2::text[])[1 + n / 5 % 25] END,
      37.5, 127.0,
      concat_ws(' ', CASE WHEN n % 101 = 0 THEN '숲' END, ($3::text[])[1 + n % 61]),
      2 + n * 31 % 400,
      3 + n % 50,
      (3 + n % 50) * (1 + n % 5),
      1 + n % 5,
      n * 17 % 90,
      id,
      '2026-01-01'::timestamptz + n * interval '1 minute'
    FROM generate_series(1, ${PLACES}) AS n JOIN person ON at = n % ${USERS}
    ORDER BY n
  `,
    [categories, DISTRICT_NAMES, ['텃밭', '두부 텃밭', ...Array<string>(59).fill('빵과 커피')]],
  );
  await runner.query(`
    INSERT INTO place_search (place_id, input)
    SELECT id, search_text(concat_ws(' ', name, address, description)) FROM place
  `);
}

async function insertReviews(runner: QueryRunner, readerId: string): Promise<void> {
  await runner.query(`
    INSERT INTO review (place_id, author_id, rating, content, like_count, created_at)
    SELECT 1 + n % ${REVIEWED}, id, 1 + n % 5, '좋아요', 1 + n % 30, '2026-01-01'::timestamptz + n * interval '1 s'
    FROM generate_series(1, ${REVIEWS}) AS n JOIN person ON at = (n / 100 + n / ${REVIEWED}) % ${USERS}
  `);
  await runner.query('UPDATE review SET author_id = $1 WHERE id <= 100', [readerId]);
  await runner.query('INSERT INTO review_like (review_id, user_id) SELECT id, author_id FROM review');
}
