import type { EntityManager } from 'typeorm';
import { PasswordHasher } from '../auth/index.js';
import { makeUsers } from './people.js';
import { makePlaces } from './places.js';
import { SeededRandom } from './random.js';
import { makeReviews } from './reviews.js';
import { makeViews } from './views.js';

const SEED = 20_261_120;

/** Number of rows inserted. */
export interface SampleDataCounts {
  readonly users: number;
  readonly places: number;
  readonly reviews: number;
}

/** Inserts the sample data; `passwords` are those of the demo accounts, in the order of `DEMO_ACCOUNTS`. */
export async function fillTables(manager: EntityManager, passwords: readonly string[]): Promise<SampleDataCounts> {
  const random = new SeededRandom(SEED);
  const hasher = new PasswordHasher();
  const users = makeUsers(random, await Promise.all(passwords.map((password) => hasher.hash(password))));
  await insert(manager, 'app_user', users, {
    ...{ id: 'uuid', email: 'text', nickname: 'text', password_hash: 'text', role: 'text', tier: 'text' },
    ...{ created_at: 'timestamptz' },
  });
  const userIds = users.map(({ id }) => id);

  const places = makePlaces(random, userIds.slice(0, 20));
  const placeIds = await insert(manager, 'place', places, {
    ...{ name: 'text', category: 'text', address: 'text', district: 'text', lat: 'float8', lng: 'float8' },
    ...{ description: 'text', phone: 'text', homepage: 'text', opening_hours: 'json', owner_id: 'uuid' },
    ...{ created_at: 'timestamptz' },
  });

  const reviews = makeReviews(random, places, userIds).map(({ place, ...review }) => {
    return { ...review, place_id: placeIds[place] };
  });
  const reviewIds = await insert(manager, 'review', reviews, {
    ...{ place_id: 'int', author_id: 'uuid', rating: 'int', content: 'text', created_at: 'timestamptz' },
  });

  await insertMarks(manager, 'place_like', 'place_id', makeMarks(random, placeIds, userIds, 16));
  await insertMarks(manager, 'place_bookmark', 'place_id', makeMarks(random, placeIds, userIds, 5));
  await insertMarks(manager, 'review_like', 'review_id', makeMarks(random, reviewIds, userIds, 3));
  const views = makeViews(random, placeIds, Date.now());
  await insert(manager, 'place_view', views, { hour: 'timestamptz', place_id: 'int', views: 'int' });
  return { users: users.length, places: places.length, reviews: reviews.length };
}

/** Marks by 0 to `max` random users for each target. */
function makeMarks(random: SeededRandom, targets: readonly unknown[], userIds: readonly string[], max: number) {
  return targets.flatMap((target) =>
    random.sample(userIds, random.integer(0, max)).map((userId) => ({ target, user_id: userId })),
  );
}

function insertMarks(manager: EntityManager, table: string, column: string, marks: ReturnType<typeof makeMarks>) {
  const rows = marks.map(({ target, ...mark }) => ({ ...mark, [column]: target }));
  return insert(manager, table, rows, { [column]: 'int', user_id: 'uuid' });
}

/**
 * Inserts the rows in order, in one statement.
 * @param columns PostgreSQL type of each column
 * @returns values of the table's first column
 */
async function insert(manager: EntityManager, table: string, rows: readonly object[], columns: Record<string, string>) {
  const names = Object.keys(columns).join(', ');
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`).join(', ');
  const numbered = rows.map((row, position) => ({ ...row, position }));
  const inserted = await manager.query<Record<string, unknown>[]>(
    `INSERT INTO ${table} (${names})
      SELECT ${names} FROM json_to_recordset($1) AS row (position int, ${typed}) ORDER BY position
      RETURNING *`,
    [JSON.stringify(numbered)],
  );
  return inserted.map((row) => Object.values(row)[0]);
}
