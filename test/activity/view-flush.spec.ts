import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/index.js';
import { useServers } from '../support/test-servers.js';
import { makePlaces, openFlusher, type Flusher } from './flusher.js';

const HOUR_MS = 3_600_000;
const OPEN = 'views:{views}:open';

describe('ViewFlush', () => {
  const servers = useServers();
  let redis: Redis;
  let postgres: DataSource;
  let flusher: Flusher;

  beforeAll(async () => {
    redis = new Redis(servers.redisUrl);
    postgres = await createDataSource(servers.databaseUrl).initialize();
    flusher = await openFlusher(servers);
    await makePlaces(postgres, 5);
  });
  servers.beforeDrop(async () => {
    await flusher.close();
    await postgres.destroy();
    redis.disconnect();
  });
  beforeEach(async () => {
    await redis.flushall();
    await postgres.query('DELETE FROM place_view');
  });

  const add = (...views: [number, number][]) => flusher.store.add('test', 1, new Map(views));
  const run = (settlingMs = 0) => flusher.flush.run({ settlingMs });
  const written = async () => {
    const sql = 'SELECT place_id, sum(views)::int AS views FROM place_view GROUP BY 1 ORDER BY 1';
    const rows = await postgres.query<{ place_id: number; views: number }[]>(sql);
    return rows.map(({ place_id, views }) => [place_id, views]);
  };

  it('writes views per place and hour and adds to existing rows', async () => {
    await redis.hset(OPEN, { '500000:1': 2, '500000:2': 3, '500001:1': 5 });
    await run();
    await run();
    await redis.hset(OPEN, { '500001:1': 7 });
    await run();
    await run();
    const rows = await postgres.query('SELECT hour, place_id, views FROM place_view ORDER BY hour, place_id');
    expect(rows).toEqual([
      { hour: new Date(500_000 * HOUR_MS), place_id: 1, views: 2 },
      { hour: new Date(500_000 * HOUR_MS), place_id: 2, views: 3 },
      { hour: new Date(500_001 * HOUR_MS), place_id: 1, views: 12 },
    ]);
  });

  it('lets a batch settle first', async () => {
    await add([1, 1]);
    await run();
    await run(60_000);
    expect(await written()).toEqual([]);
    await run();
    expect(await written()).toEqual([[1, 1]]);
  });

  it('writes several batches when one is not enough', async () => {
    const fields = Array.from({ length: 2_500 }, (_, n) => [`${500_000 + Math.floor(n / 5)}:${1 + (n % 5)}`, 1]);
    await redis.hset(OPEN, Object.fromEntries(fields) as Record<string, number>);
    await run();
    expect(await flusher.store.backlog()).toEqual({ open: 0, batches: 3 });
    await run();
    expect(await written()).toEqual([1, 2, 3, 4, 5].map((id) => [id, 500]));
  });

  it('omits deleted places', async () => {
    await add([1, 1], [4_711, 1]);
    await run();
    await run();
    expect(await written()).toEqual([[1, 1]]);
    expect(await flusher.store.backlog()).toEqual({ open: 0, batches: 0 });
  });

  it('ignores a batch that was written before, but not the next one', async () => {
    await flusher.store.add('sender', 1, new Map([[1, 2]]));
    await flusher.store.add('sender', 1, new Map([[1, 2]]));
    await flusher.store.add('sender', 2, new Map([[1, 2]]));
    await flusher.store.add('another', 1, new Map([[1, 2]]));
    expect(Object.values(await redis.hgetall(OPEN))).toEqual(['6']);
  });

  it('counts once a batch that was written and not deleted', async () => {
    await add([1, 1]);
    await run();
    const drop = jest.spyOn(flusher.store, 'drop').mockRejectedValueOnce(new Error('killed'));
    await expect(run()).rejects.toThrow('killed');
    drop.mockRestore();
    expect(await written()).toEqual([[1, 1]]);
    await run();
    expect(await written()).toEqual([[1, 1]]);
    expect(await flusher.store.backlog()).toEqual({ open: 0, batches: 0 });
  });

  it.each([
    ['before views were cut into a batch', 0],
    ['before a batch was written', 1],
  ])('counts once when Redis is restored to its state %s', async (_when, runsBefore) => {
    await add([1, 1], [2, 1]);
    for (let n = 0; n < runsBefore; n += 1) await run();
    const before = await snapshot();
    // The oldest state a restart may restore: batches are written only after they have settled and are on disk.
    await run();
    await flusher.store.add('other', 1, new Map([[3, 1]]));
    await run(60_000);
    await restore(before);
    for (let n = 0; n < 3; n += 1) await run();
    expect(await written()).toEqual([[1, 1], [2, 1]]);
  });

  it('does nothing while another process runs it', async () => {
    await redis.set('lock:{views}', 'another', 'PX', 5_000);
    await add([1, 1]);
    await run();
    expect(await flusher.store.backlog()).toEqual({ open: 1, batches: 0 });
  });

  it('merges hours older than eight days and deletes batch records after seven', async () => {
    await postgres.query(`
      INSERT INTO place_view (hour, place_id, views)
      SELECT date_trunc('hour', now()) - days * interval '1 day', 1, days FROM unnest('{1,7,9,10}'::int[]) AS days
    `);
    await postgres.query(`DELETE FROM view_batch`);
    await postgres.query(`
      INSERT INTO view_batch
      SELECT gen_random_uuid(), now() - days * interval '1 day' FROM unnest('{1,6,8,9}'::int[]) AS days
    `);
    await run();
    await run();
    const rows = await postgres.query(`SELECT views FROM place_view ORDER BY hour`);
    expect(rows).toEqual([{ views: 19 }, { views: 7 }, { views: 1 }]);
    expect(await postgres.query(`SELECT count(*)::int FROM view_batch`)).toEqual([{ count: 2 }]);
  });

  async function snapshot(): Promise<[string, Buffer][]> {
    const keys = await redis.keys('views:*');
    return Promise.all(keys.map(async (key) => [key, (await redis.dumpBuffer(key))] as [string, Buffer]));
  }

  async function restore(keys: readonly [string, Buffer][]): Promise<void> {
    await redis.flushall();
    for (const [key, value] of keys) await redis.restore(key, 0, value);
  }
});
