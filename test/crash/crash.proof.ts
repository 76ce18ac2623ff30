import { provideDatabase, provideRedis } from '../support/services.js';
import { SEED } from '../support/seeded-random.js';
import { crash, type CrashResult } from './harness.js';

const KILLS = Number(process.env['CRASH_KILLS'] ?? 10);
/** Enough that some kill falls between a commit and its eviction. */
const KILLS_WITHOUT_OUTBOX = 60;

describe(`the cache after ${KILLS} kills of a process that writes (SEED=${SEED})`, () => {
  const run = async (kills: number, withOutbox: boolean, isEnough = (_: CrashResult) => false) => {
    const [database, redis] = await Promise.all([provideDatabase(), provideRedis('cache')]);
    let result: CrashResult | undefined;
    try {
      return await crash({
        databaseUrl: database.url, redisUrl: redis.url, withOutbox, kills, seed: SEED, afterMs: 1_200,
        onKill: (current) => (result = current),
        stopped: () => result !== undefined && isEnough(result),
      });
    } finally {
      await Promise.all([database.drop(), redis.drop()]);
    }
  };

  it('holds no stale value 1.2 seconds after a kill', async () => {
    const { kills, compared, differences } = await run(KILLS, true);
    expect({ seed: SEED, kills, differences }).toEqual({ seed: SEED, kills: KILLS, differences: [] });
    expect(compared).toBeGreaterThan(kills);
  }, 240_000);

  it('holds stale values when evictions are not committed with the change', async () => {
    const { differences } = await run(KILLS_WITHOUT_OUTBOX, false, (current) => current.differences.length > 0);
    expect(differences.length).toBeGreaterThan(0);
  }, 300_000);
});
