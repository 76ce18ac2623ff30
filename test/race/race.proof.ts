import { provideDatabase, provideRedis } from '../support/services.js';
import { SEED } from '../support/seeded-random.js';
import { runRace, type RaceOptions, type RaceResult } from './run-race.js';
import type { VariantName } from './variants.js';
import type { Services } from './messages.js';
import { checkHistory, type History, type ReadRecord, type WriteRecord } from './model.js';
import { actorsOf } from './schedule.js';
import { WorkerPool } from './worker-pool.js';

const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 200);

describe(`concurrent readers and writers of cached rows in two processes, ${ROUNDS} rounds (SEED=${SEED})`, () => {
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let redis: Awaited<ReturnType<typeof provideRedis>>;
  let services: Services;
  let pool: WorkerPool;

  beforeAll(async () => {
    [database, redis] = await Promise.all([provideDatabase(), provideRedis('cache')]);
    services = { databaseUrl: database.url, redisUrl: redis.url };
    pool = new WorkerPool();
  });
  afterAll(async () => {
    await pool.end();
    await Promise.all([database.drop(), redis.drop()]);
  });

  const race = (variant: VariantName, options: Partial<RaceOptions> = {}): Promise<RaceResult> =>
    runRace(pool, { ...services, variant, rounds: ROUNDS, seed: SEED, ...options });

  it('read nothing stale or uncommitted', async () => {
    const { rounds, reads, loads, refused, stale, illegal, failures } = await race('ours');
    expect({ seed: SEED, rounds, stale, illegal, failures }).toEqual({
      seed: SEED, rounds: ROUNDS, stale: 0, illegal: 0, failures: {},
    });
    expect(loads).toBeLessThan(reads);
    expect(refused).toBeGreaterThan(0);
  }, 120_000);

  it.each([
    ['there are no leases', 'no-lease'],
    ['version stamps are not checked', 'no-stamps'],
    ['evictions do not wait for the commit', 'no-after-commit'],
  ] as const)('read stale or uncommitted values when %s', async (_guard, guard) => {
    const isEnough = ({ stale, illegal }: RaceResult) => stale + illegal > 0;
    const { stale, illegal } = await race(guard, { rounds: 20 * ROUNDS, isEnough });
    expect(stale + illegal).toBeGreaterThan(0);
  }, 120_000);
});

describe('the schedule of a race', () => {
  it('is the same for one seed and round, and differs for another', () => {
    expect(actorsOf(1, 2)).toEqual(actorsOf(1, 2));
    expect(actorsOf(1, 2)).not.toEqual(actorsOf(1, 3));
    expect(actorsOf(1, 2)).not.toEqual(actorsOf(2, 2));
  });
});

describe('the model of a race', () => {
  const read = (version: number, by: number, began: number, options: Partial<ReadRecord> = {}): ReadRecord => ({
    row: { id: 7, version, by }, began, returned: began + 2, ...options,
  });
  const write = (version: number, by: number, returned: number, options: Partial<WriteRecord> = {}): WriteRecord => ({
    by, version, began: 10, visibleFrom: 15, returned, outcome: 'committed', ...options,
  });
  const check = (reads: ReadRecord[], writes: WriteRecord[]) => {
    const history: History = { id: 7, reads, writes, failures: [] };
    const { stale, illegal, endedStale } = checkHistory(history);
    return { stale, illegal, endedStale };
  };
  const fine = { stale: 0, illegal: 0, endedStale: false };
  const first = write(1, 1, 20);

  it('allows the old value until the write has returned, and the new one from its commit', () => {
    expect(check([read(0, 0, 1), read(0, 0, 19), read(1, 1, 19), read(1, 1, 21)], [first])).toEqual(fine);
  });

  it('reports a read as stale that began after a newer write had returned', () => {
    expect(check([read(0, 0, 21)], [first])).toEqual({ ...fine, stale: 1 });
    expect(check([read(1, 1, 31, { last: true })], [first, write(2, 2, 30)])).toEqual({
      ...fine, stale: 1, endedStale: true,
    });
  });

  it.each([
    ['was rolled back', read(2, 2, 40), write(2, 2, 30, { outcome: 'undone' })],
    ['was not yet committed', read(2, 2, 10), write(2, 2, 30)],
    ['was never written', read(2, 9, 40), write(2, 2, 30)],
    ['has another version', read(3, 2, 40), write(2, 2, 30)],
    ['is of another row', { ...read(2, 2, 40), row: { id: 8, version: 2, by: 2 } }, write(2, 2, 30)],
    ['is not what its own transaction wrote', read(1, 1, 40, { own: 2 }), write(2, 2, 50)],
  ])('reports a value as illegal that %s', (_case, illegal, second) => {
    expect(check([illegal], [first, second])).toEqual({ ...fine, illegal: 1 });
  });

  it('allows both values for a write with an unknown outcome', () => {
    const unknown = write(2, 2, 30, { outcome: 'unknown', version: undefined });
    expect(check([read(1, 1, 40), read(2, 2, 40)], [first, unknown])).toEqual(fine);
  });
});
