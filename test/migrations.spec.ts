import { Logger } from '@nestjs/common';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { TABLE_OWNERS } from '../eslint/table-ownership.mjs';
import { createDataSource, migrate } from '../src/database/index.js';
import { MIGRATIONS } from '../src/database/migrations/index.js';
import { useApp } from './support/app.js';
import { provideEmptyDatabase } from './support/services.js';

/** Names of everything in the schema but TypeORM's own list of migrations. */
const CONTENTS = `
  SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i' AND relname !~ '^migration'
  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typname !~ '^_?migration'
`;

/** Fails, and makes the rollback fail, by terminating the connection with the lock. */
class Failing1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    throw new Error('the migration itself');
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('migrations', () => {
  let database: Awaited<ReturnType<typeof provideEmptyDatabase>>;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await provideEmptyDatabase();
    dataSource = await createDataSource(database.url).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('run once each, ordered by their timestamps', async () => {
    const stamps = MIGRATIONS.map(({ name }) => Number(/\d+$/.exec(name)?.[0]));
    expect(stamps).toEqual([...stamps].sort());
    expect(await migrate(dataSource)).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(await migrate(dataSource)).toEqual([]);
  });

  it('run one instance at a time when several start together', async () => {
    const second = await provideEmptyDatabase();
    const instances = await Promise.all([1, 2, 3].map(() => createDataSource(second.url).initialize()));
    const ran = await Promise.all(instances.map(migrate));
    expect(ran.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
    await Promise.all(instances.map((each) => each.destroy()));
    await second.drop();
  });

  it('fail with their own error when the rollback fails too, and release their connection', async () => {
    const another = await provideEmptyDatabase();
    const failing = createDataSource(another.url).setOptions({ migrations: [Failing1700000000000] });
    await failing.initialize();
    Logger.overrideLogger(false);
    await expect(migrate(failing)).rejects.toThrow('the migration itself');
    const { master } = failing.driver as unknown as { master: { totalCount: number; idleCount: number } };
    expect(master.totalCount - master.idleCount).toBe(0);
    await failing.destroy();
    await another.drop();
  });

  it('leave nothing when all are reverted, and run again', async () => {
    for (let undone = 0; undone < MIGRATIONS.length; undone += 1) {
      await dataSource.undoLastMigration({ transaction: 'each' });
    }
    expect(await dataSource.query(CONTENTS)).toEqual([]);
    expect(await migrate(dataSource)).toHaveLength(MIGRATIONS.length);
  });
});

describe('the migration of hidden characters', () => {
  it('renames places that it makes equal, and updates their search text', async () => {
    const database = await provideEmptyDatabase();
    const dataSource = await createDataSource(database.url).initialize();
    await migrate(dataSource);
    const hasRun = () => dataSource.query<unknown[]>(`SELECT FROM migration WHERE name ~ '^HiddenCharacters'`);
    while ((await hasRun()).length > 0) await dataSource.undoLastMigration({ transaction: 'each' });
    const names = ['초록상점', '초록\u200B상점', `${'가'.repeat(99)}\u3164`, '가'.repeat(99), 'ＥＣＯ'];
    await dataSource.query(
      `INSERT INTO place (name, category, address, district, lat, lng, description)
       SELECT name, 'CAFE', '동교로 1', '마포구', 37.5, 126.9, '설명' FROM unnest($1::text[]) AS name`,
      [names],
    );
    await migrate(dataSource);
    const after = await dataSource.query<{ name: string; version: number; input: string }[]>(
      'SELECT name, version, input FROM place JOIN place_search ON place_id = id ORDER BY id',
    );
    expect(after).toEqual([
      { name: '초록상점', version: 1, input: '초록상점 동교로 1 설명' },
      { name: '초록\u200B상점 #2', version: 2, input: '초록상점 #2 동교로 1 설명' },
      { name: names[2], version: 1, input: `${'가'.repeat(99)} 동교로 1 설명` },
      { name: `${'가'.repeat(80)} #4`, version: 2, input: `${'가'.repeat(80)} #4 동교로 1 설명` },
      { name: 'ＥＣＯ', version: 1, input: 'eco 동교로 1 설명' },
    ]);
    await dataSource.destroy();
    await database.drop();
  });
});

describe('the schema', () => {
  const t = useApp();

  /** Statements with which TypeORM would change the schema to that of the entities. */
  const differences = async () => {
    const { upQueries } = await t.app.get(DataSource).driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  };

  it('matches the entities', async () => {
    expect(await differences()).toEqual([]);
  });

  it.each([
    ['a column', 'ALTER TABLE place ADD extra int', 'ALTER TABLE place DROP extra'],
    ['a type', 'ALTER TABLE place ALTER lat TYPE real', 'ALTER TABLE place ALTER lat TYPE double precision'],
    ['an index', 'CREATE INDEX extra ON place_like (created_at)', 'DROP INDEX extra'],
    ['a rule', 'ALTER TABLE review ADD CONSTRAINT extra CHECK (id > 0)', 'ALTER TABLE review DROP CONSTRAINT extra'],
  ])('differs from the entities after %s', async (_name, change, undo) => {
    const dataSource = t.app.get(DataSource);
    await dataSource.query(change);
    expect(await differences()).not.toEqual([]);
    await dataSource.query(undo);
    expect(await differences()).toEqual([]);
  });

  it('has an owner for every table in eslint/table-ownership.mjs', async () => {
    const tables = await t.app.get(DataSource).query<{ name: string }[]>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    );
    expect(Object.keys(TABLE_OWNERS).sort()).toEqual(tables.map(({ name }) => name));
  });

  it('has an entity for every table except those used by SQL only', async () => {
    const dataSource = t.app.get(DataSource);
    const tables: { name: string }[] = await dataSource.query(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    );
    const known = dataSource.entityMetadatas.map(({ tableName }) => tableName);
    const unknown = tables.map(({ name }) => name).filter((name) => !known.includes(name));
    expect(unknown).toEqual(['lock_fence', 'migration', 'outbox', 'place_search', 'place_view', 'view_batch']);
  });
});
