import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/index.js';
import type { NewNotification } from '../../src/notifications/notification.js';
import { NotificationsRepository } from '../../src/notifications/notifications.repository.js';
import { provideDatabase, type ProvidedDatabase } from '../support/services.js';

const ROUNDS = 15;
/** Ids that the reader reads again; more than all writers store between two reads. */
const OVERLAP = 3_000;

describe('notification ids', () => {
  let database: ProvidedDatabase;
  let sources: DataSource[];

  beforeAll(async () => {
    database = await provideDatabase();
    sources = await Promise.all([1, 2, 3, 4].map(() => createDataSource(database.url).initialize()));
  });
  afterAll(async () => {
    await Promise.all(sources.map((each) => each.destroy()));
    await database.drop();
  });

  const some = (count: number): NewNotification[] =>
    Array.from({ length: count }, (_, number) => {
      return { source: randomUUID(), audience: 'all', userId: null, kind: 'announcement', data: { number } };
    });

  it('become visible in ascending order with concurrent writers', async () => {
    const repositories = sources.map((source) => new NotificationsRepository(source));
    const written = new AbortController();
    const writing = Promise.all(
      repositories.flatMap((repository) => [1, 2].map(async (writer) => {
        for (let round = 0; round < ROUNDS; round += 1) await repository.insert(some(writer === 1 ? 1 : 100));
      })),
    ).finally(() => written.abort());
    const [reader] = sources;
    const seen = new Set<string>();
    let newest = 0;
    const late: number[] = [];
    while (!written.signal.aborted) {
      const rows = (await reader?.query<{ id: string }[]>('SELECT id FROM notification WHERE id > $1 ORDER BY id', [
        newest - OVERLAP,
      ])) ?? [];
      const fresh = rows.filter(({ id }) => !seen.has(id)).map(({ id }) => Number(id));
      late.push(...fresh.filter((id) => id < newest));
      for (const { id } of rows) seen.add(id);
      newest = Math.max(newest, ...fresh);
    }
    await writing;
    expect(late).toEqual([]);
    expect(seen.size).toBeGreaterThan(ROUNDS);
  }, 60_000);

  it('stay the same when a notification is stored again', async () => {
    const repository = new NotificationsRepository(sources[0] as DataSource);
    const [one, two, three] = some(3) as [NewNotification, NewNotification, NewNotification];
    const first = await repository.insert([one, two]);
    const second = await repository.insert([three, two, one]);
    expect(second.slice(0, 2)).toEqual(first);
    expect(second.map(({ data }) => data)).toEqual([one, two, three].map(({ data }) => data));
  });

  it('are deleted after ninety days', async () => {
    const repository = new NotificationsRepository(sources[0] as DataSource);
    const [old, retained] = await repository.insert(some(2));
    await sources[0]?.query(`DELETE FROM notification WHERE id < $1`, [old?.id]);
    await sources[0]?.query(`UPDATE notification SET created_at = now() - interval '91 days' WHERE id = $1`, [old?.id]);
    const [fresh] = await repository.insert(some(1));
    const left = await sources[0]?.query<{ id: string }[]>('SELECT id FROM notification ORDER BY id');
    expect(left?.map(({ id }) => Number(id))).toEqual([retained?.id, fresh?.id]);
  });
});
