import { provideDatabase, provideRedis } from '../support/services.js';
import { SEED } from '../support/seeded-random.js';
import { crash, type Figures } from './harness.js';

const KILLS = Number(process.env['CRASH_KILLS'] ?? 10);
/** Chance has to hit the moment between a commit and its evict. */
const KILLS_WITHOUT_OUTBOX = 60;

describe(`a process killed during writes, ${KILLS} times (SEED=${SEED})`, () => {
  const run = async (kills: number, withOutbox: boolean, isEnough = (_: Figures) => false): Promise<Figures> => {
    const [database, redis] = await Promise.all([provideDatabase(), provideRedis('cache')]);
    let figures: Figures | undefined;
    try {
      return await crash({
        databaseUrl: database.url, redisUrl: redis.url, withOutbox, kills, seed: SEED, afterMs: 1_200,
        onKill: (so) => (figures = so),
        stopped: () => figures !== undefined && isEnough(figures),
      });
    } finally {
      await Promise.all([database.drop(), redis.drop()]);
    }
  };

  it('leaves nothing stale in the cache after little more than a second', async () => {
    const { kills, compared, differences } = await run(KILLS, true);
    expect({ seed: SEED, kills, differences }).toEqual({ seed: SEED, kills: KILLS, differences: [] });
    expect(compared).toBeGreaterThan(kills);
  }, 240_000);

  it('leaves stale values when evictions are not committed with the change', async () => {
    const { differences } = await run(KILLS_WITHOUT_OUTBOX, false, (so) => so.differences.length > 0);
    expect(differences.length).toBeGreaterThan(0);
  }, 300_000);
});
