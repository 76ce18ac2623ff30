import { Client, escapeIdentifier } from 'pg';
import { createDataSource, migrate } from '../src/database/index.js';
import { MIGRATIONS } from '../src/database/migrations/index.js';
import { createApp } from './support/app.js';
import { aPlace, aUser, type PageBody, type PlaceBody } from './support/factories.js';
import { providePgBouncer } from './support/pgbouncer.js';
import { provideDatabase, provideEmptyDatabase } from './support/services.js';

const PLACES = 5;
/** Coordinates with more digits than PostgreSQL writes under `extra_float_digits = -10`. */
const POSITION = { lat: 37.56361234567, lng: 126.92541234567 };

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Starts a service on a database; writes places, reads them, and pages through all, two at a time. */
async function useService(databaseUrl: string): Promise<void> {
  const t = await createApp({ env: { DATABASE_URL: databaseUrl, JOBS: 'on' } });
  try {
    expect(await t.api.get('//health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const user = await aUser(t);
    const before = Date.now();
    const places = await Promise.all(Array.from({ length: PLACES }, () => aPlace(t, { owner: user, ...POSITION })));
    const likes = await Promise.all(places.map(({ id }) => t.api.put(`/places/${id}/like`, { token: user.token })));
    expect(new Set(likes.map(({ status }) => status))).toEqual(new Set([204]));
    const found: PlaceBody[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await t.api.get<PageBody<PlaceBody>>(`/places?sort=latest&limit=2${after}`);
      expect(status).toBe(200);
      found.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(found.map(({ id }) => id).sort()).toEqual(places.map(({ id }) => id).sort());
    for (const { createdAt } of found) expect(Math.abs(Date.parse(createdAt) - before)).toBeLessThan(60_000);
    expect((await t.api.get(`/places/${places[0]?.id}`)).body).toMatchObject(POSITION);
  } finally {
    await t.close();
  }
}

const FOREIGN_SETTINGS = {
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'Asia/Kathmandu',
  extra_float_digits: '-10',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
};

describe('a database with its own session settings', () => {
  it.each(['directly', 'behind PgBouncer'])('is written and read exactly, %s', async (way) => {
    const database = await provideDatabase();
    const name = escapeIdentifier(new URL(database.url).pathname.slice(1));
    for (const [setting, value] of Object.entries(FOREIGN_SETTINGS)) {
      // PgBouncer rejects settings that it does not track, so the database must have their defaults.
      if (way !== 'directly' && ['extra_float_digits', 'intervalstyle', 'bytea_output'].includes(setting)) continue;
      await query(database.url, `ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    }
    const pooler = way === 'directly' ? undefined : await providePgBouncer(database.url);
    await useService(pooler?.url ?? database.url);
    await pooler?.drop();
    await database.drop();
  });
});

describe('a database behind PgBouncer in transaction mode', () => {
  it('is migrated once by concurrent instances, without a remaining lock', async () => {
    const database = await provideEmptyDatabase();
    const pooler = await providePgBouncer(database.url);
    const instances = await Promise.all([1, 2].map(() => createDataSource(pooler.url).initialize()));
    const ran = await Promise.all(instances.map(migrate));
    expect(ran.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(await query(database.url, `SELECT * FROM pg_locks WHERE locktype = 'advisory'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)).toEqual([]);
    await Promise.all(instances.map((each) => each.destroy()));
    await useService(pooler.url);
    await pooler.drop();
    await database.drop();
  });

  it('receives no session setting of the service', async () => {
    const database = await provideDatabase();
    const pooler = await providePgBouncer(database.url);
    await useService(pooler.url);
    const settings = `SELECT current_setting('statement_timeout') AS a, current_setting('search_path') AS b`;
    expect(await query(pooler.url, settings)).toEqual(await query(database.url, settings));
    await pooler.drop();
    await database.drop();
  });

  it.each([
    'options=-csearch_path%3Dapp',
    'replication=database',
  ])('prevents the start when it rejects %s', async (wanted) => {
    const database = await provideDatabase();
    const pooler = await providePgBouncer(database.url);
    const start = createDataSource(`${pooler.url}?${wanted}`).initialize();
    await expect(start).rejects.toThrow('unsupported startup parameter');
    await pooler.drop();
    await database.drop();
  });
});
