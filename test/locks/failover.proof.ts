import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { promoted, provideRedisSentinel, type ProvidedSentinel } from '../support/redis-sentinel.js';
import { provideDatabase, type ProvidedDatabase } from '../support/services.js';
import { until } from '../support/until.js';
import { openTill } from './till.js';

describe('a lock that Redis loses in a failover', () => {
  let servers: ProvidedSentinel;
  let database: ProvidedDatabase;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    [servers, database] = await Promise.all([provideRedisSentinel(), provideDatabase()]);
  });
  afterAll(() => Promise.all([servers.drop(), database.drop()]));

  it('has two holders, of which only the later one can write', async () => {
    const testServers = { databaseUrl: database.url, redisUrl: servers.url };
    const [first, second] = [await openTill(testServers), await openTill(testServers)];
    await first.till.open();
    const held = first.till.add('the first', async () => {
      await servers.primary.stop();
      await promoted(servers.replica);
      await deleteAll(servers.replica.url);
      const passes = () => second.till.add('the second', () => Promise.resolve()).then(() => true, () => false);
      await until(passes, 20_000);
    });
    await expect(held).rejects.toHaveProperty('name', 'StaleFenceError');
    expect(await first.till.read()).toEqual({ amount: 1, holder: 'the second' });
    await Promise.all([first.module.close(), second.module.close()]);
  });
});

/** Deletes all data, as if nothing had been replicated. */
async function deleteAll(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}
