import { DataSource } from 'typeorm';
import { Rankings } from '../src/activity/index.js';
import { createDataSource } from '../src/database/index.js';
import { useApp, type TestApp } from './support/app.js';
import { aUser, type PageBody, type PlaceBody, type TestUser } from './support/factories.js';
import { fillWithPlaces, PLACES } from './support/many-places.js';
import { stopwatch } from './support/stopwatch.js';

/** Step of a plan, as EXPLAIN returns it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

interface ExplainRow {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: PlanNode; readonly 'Execution Time': number }];
}

interface Explained {
  readonly sql: string;
  readonly nodes: readonly PlanNode[];
  readonly ms: number;
}

/** Explains every query of every list on 100,000 places with 100,000 reviews, 100,000 likes and 100,000 bookmarks. */
describe(`queries on ${PLACES} places`, () => {
  const t = useApp();
  let reader: TestUser;
  let untimed: DataSource;

  beforeAll(async () => {
    reader = await aUser(t);
    untimed = await createDataSource(t.env.databaseUrl).initialize();
    await fillWithPlaces(untimed, reader.id);
  }, 180_000);
  afterAll(async () => {
    await untimed.destroy();
  });

  /** Requests a path and explains the queries that the service sends for it. */
  const explain = async (path: string, token?: string): Promise<Explained[]> => {
    const queries = await queriesOf(t, async () => {
      const { status, text } = await t.api.get(path, { token });
      if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    });
    // Without the periodic queries of the outbox relay.
    const own = queries.filter(({ sql }) => !sql.includes('outbox'));
    const explained = own.map(async ({ sql, values }) => {
      const rows = await untimed.query<[ExplainRow]>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values);
      return { sql, nodes: flatten(rows[0]['QUERY PLAN'][0].Plan), ms: rows[0]['QUERY PLAN'][0]['Execution Time'] };
    });
    return Promise.all(explained);
  };

  /** Expects no sequential scan, and no step with more than `mostRows` rows, by default a few pages. */
  const expectIndexed = (explained: readonly Explained[], mostRows = 1_500) => {
    expect(explained.length).toBeGreaterThan(0);
    const steps = explained.flatMap(({ nodes }) => nodes);
    expect(steps.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    const visited = steps.map((node) => (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0));
    expect(Math.max(...visited)).toBeLessThanOrEqual(mostRows);
  };

  const filters = ['', '&category=SECOND_HAND', '&district=강동구', '&category=VEGAN&district=마포구'];
  describe.each(['latest', 'likes', 'rating', 'reviews', 'popular'])('sorted by %s', (sort) => {
    it.each(filters)('read the first and a later page of "%s" from an index', async (filter) => {
      const path = `/places?sort=${sort}${filter}&limit=50`;
      expectIndexed(await explain(path));
      const { nextCursor } = (await t.api.get<PageBody<PlaceBody>>(path)).body;
      expectIndexed(await explain(`${path}&cursor=${nextCursor ?? ''}`));
    });

    it('read a rare category from an index', async () => {
      expectIndexed(await explain(`/places?sort=${sort}&category=WORKSHOP`), 100);
    });

    it('read a category and a district without common places from an index', async () => {
      expectIndexed(await explain(`/places?sort=${sort}&category=CAFE&district=성동구`), 100);
    });
  });

  it.each([
    ['found nowhere', '쀍', 10],
    ['whose letters occur apart', '구서', 10],
    ['found once', '가게4711호', 1_500],
    ['of one letter found in a hundredth', '숲', 5_000],
    ['of two words', '텃밭 두부', 5_000],
  ])('find a word %s through an index', async (_name, q, mostRows) => {
    for (const sort of ['latest', 'likes', 'rating', 'reviews', 'popular']) {
      expectIndexed(await explain(`/places?sort=${sort}&q=${q}`), mostRows);
      expectIndexed(await explain(`/places?sort=${sort}&q=${q}&district=종로구`), mostRows);
    }
  });

  it('find a word of every place at the cost of a page', async () => {
    const explained = await explain('/places?q=서울');
    expectIndexed(explained);
    expect(Math.max(...explained.map(({ ms }) => ms))).toBeLessThan(500);
  });

  it.each(['latest', 'likes', 'rating'])('read the reviews of a place by %s from an index', async (sort) => {
    const path = `/places/77/reviews?sort=${sort}&limit=2`;
    expectIndexed(await explain(path), 100);
    const { nextCursor } = (await t.api.get<PageBody<unknown>>(path)).body;
    expectIndexed(await explain(`${path}&cursor=${nextCursor ?? ''}`), 100);
  });

  it.each(['likes', 'bookmarks', 'reviews'])('read the user’s own %s from an index', async (list) => {
    expectIndexed(await explain(`/users/me/${list}`, reader.token), 100);
    const { nextCursor } = (await t.api.get<PageBody<unknown>>(`/users/me/${list}`, reader)).body;
    expectIndexed(await explain(`/users/me/${list}?cursor=${nextCursor ?? ''}`, reader.token), 100);
  });

  it('read the flags of a reader from an index', async () => {
    expectIndexed(await explain('/places?limit=100', reader.token));
    expectIndexed(await explain('/places/77', reader.token), 100);
  });

  it.each(['/categories', '/districts'])('count %s in an index', async (path) => {
    expectIndexed(await explain(path), PLACES);
  });

  it('read popular places in time and write scores in batches', async () => {
    const rankings = t.app.get(Rankings, { strict: false });
    const elapsedMs = stopwatch();
    await rankings.rank();
    expect(elapsedMs()).toBeLessThan(30_000);
    const { items } = await rankings.page('week', { after: null, limit: 1_000 });
    expect(items.length).toBe(1_000);
  }, 60_000);

  it.each([
    ['a place', 'DELETE FROM place WHERE id = 77'],
    ['a user', 'DELETE FROM app_user WHERE id = (SELECT owner_id FROM place WHERE id = 78)'],
    ['a like', 'DELETE FROM place_like WHERE place_id = 79'],
    ['a review', 'UPDATE review SET rating = 6 - rating WHERE id = 4712'],
  ])('change %s without a full table scan', async (_name, change) => {
    // A new connection, because the statistics of a connection include its earlier transactions.
    const fresh = await createDataSource(t.env.databaseUrl).initialize();
    try {
      await fresh.query(`BEGIN; ${change}`);
      expect(await fresh.query('SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0')).toEqual([]);
    } finally {
      await fresh.destroy();
    }
  });
});

function flatten(node: PlanNode): PlanNode[] {
  const { Plans: below = [], ...step } = node;
  return [step, ...below.flatMap(flatten)];
}

/** Queries that the service sends during `work`. */
async function queriesOf({ app }: TestApp, work: () => Promise<void>) {
  const dataSource = app.get(DataSource);
  const { logger } = dataSource;
  const queries: { sql: string; values: unknown[] }[] = [];
  const logQuery = (sql: string, values: unknown[] = []) => void queries.push({ sql, values });
  dataSource.logger = { ...logger, logQuery };
  await work();
  dataSource.logger = logger;
  return queries;
}
