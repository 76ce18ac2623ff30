import type { DataSource } from 'typeorm';
import { RankingStore } from '../../src/activity/rankings/ranking-store.js';
import { RecentPlaces } from '../../src/activity/recent/recent-places.js';
import { createDataSource } from '../../src/database/index.js';
import { provideRedisCluster, type ProvidedCluster } from '../support/redis-cluster.js';
import { provideDatabase } from '../support/services.js';
import { until } from '../support/until.js';
import { makePlaces, openFlusher, openRedis } from './flusher.js';

describe('activity on a Redis Cluster', () => {
  let cluster: ProvidedCluster;
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let postgres: DataSource;

  beforeAll(async () => {
    [cluster, database] = await Promise.all([provideRedisCluster(), provideDatabase()]);
    postgres = await createDataSource(database.url).initialize();
    await makePlaces(postgres, 2);
  }, 60_000);
  afterAll(async () => {
    await postgres.destroy();
    await Promise.all([cluster.drop(), database.drop()]);
  });

  it('collects and writes back views', async () => {
    const { store, flush, close } = await openFlusher({ databaseUrl: database.url, redisUrl: cluster.url });
    await store.add('test', 1, new Map([[1, 3], [2, 4]]));
    await flush.run({ settlingMs: 0 });
    expect(await store.backlog()).toEqual({ open: 0, batches: 1 });
    await flush.run({ settlingMs: 0 });
    expect(await store.backlog()).toEqual({ open: 0, batches: 0 });
    const rows = await postgres.query('SELECT place_id, views FROM place_view ORDER BY 1');
    expect(rows).toEqual([{ place_id: 1, views: 3 }, { place_id: 2, views: 4 }]);
    await close();
  });

  it('stores rankings, and lists and deletes recently viewed places', async () => {
    const redis = await openRedis(cluster.url);
    const rankings = new RankingStore(redis);
    const ranking = [{ placeId: 7, position: 20 }, { placeId: 9, position: 10 }];
    for (const window of ['day', 'week'] as const) {
      expect(await rankings.read(window, null, 5)).toBeNull();
      await rankings.save(window, ranking);
      expect(await rankings.read(window, null, 5)).toEqual(ranking);
      expect(await rankings.read(window, 20, 5)).toEqual([ranking[1]]);
      await rankings.save(window, []);
      expect(await rankings.read(window, null, 5)).toEqual([]);
    }
    const recent = new RecentPlaces(redis);
    for (const user of ['a', 'b', 'c']) {
      const listed = async () => (await recent.page(user, { after: null, limit: 5 })).items.join();
      for (const placeId of [1, 2]) {
        recent.record(user, placeId);
        await until(async () => (await listed()).startsWith(`${placeId}`));
      }
      expect(await listed()).toBe('2,1');
      await recent.deleteOf(user);
      expect(await listed()).toBe('');
    }
    redis.disconnect();
  });
});
