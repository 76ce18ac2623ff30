import { Client } from 'pg';
import { Redis } from 'ioredis';
import { provideDatabase, provideEmptyDatabase, providePostgres, provideRedis } from '../support/services.js';

const frozen = Symbol('no answer');

/** What a promise gives within a moment, or `frozen`. */
function withinAMoment<T>(answer: Promise<T>): Promise<T | typeof frozen> {
  return Promise.race([answer, new Promise<typeof frozen>((resolve) => setTimeout(() => resolve(frozen), 150))]);
}

describe('databases for tests', () => {
  it('gives every caller a database of its own, migrated', async () => {
    const [one, other] = await Promise.all([provideDatabase(), provideDatabase()]);
    const client = new Client(one.url);
    await client.connect();
    const { rows } = await client.query(
      "SELECT to_regclass('migration') AS migrations, current_setting('TimeZone') AS zone",
    );
    await client.end();
    expect(one.url).not.toBe(other.url);
    expect(rows).toEqual([{ migrations: 'migration', zone: 'UTC' }]);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('counts Hangul as letters, for trigrams too', async () => {
    const database = await provideEmptyDatabase();
    const client = new Client(database.url);
    await client.connect();
    await client.query('CREATE EXTENSION pg_trgm');
    const { rows } = await client.query(
      "SELECT similarity('마포구', '마포구 망원동') > 0.3 AS alike, '마포' ~ '^[[:alpha:]]+$' AS letters",
    );
    await client.end();
    await database.drop();
    expect(rows).toEqual([{ alike: true, letters: true }]);
  });

  it('freezes, stops and restarts a PostgreSQL without losing what was committed', async () => {
    const server = await providePostgres();
    const client = new Client(server.url);
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE TABLE kept (n int)');
    server.pause();
    const answer = client.query('INSERT INTO kept VALUES (1)');
    expect(await withinAMoment(answer)).toBe(frozen);
    server.resume();
    await answer;
    await server.stop();
    await expect(new Client(server.url).connect()).rejects.toThrow('ECONNREFUSED');
    await server.start();
    const again = new Client(server.url);
    await again.connect();
    expect((await again.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
    await again.end();
    await server.drop();
  });
});

describe('Redis servers for tests', () => {
  it.each([
    ['store', 'noeviction', 'yes'],
    ['cache', 'allkeys-lru', 'no'],
  ] as const)('starts a %s with %s', async (role, policy, appendOnly) => {
    const server = await provideRedis(role);
    const redis = new Redis(server.url);
    const settings = await redis.config('GET', 'maxmemory-policy', 'appendonly');
    expect(settings).toEqual(expect.arrayContaining([policy, appendOnly]));
    redis.disconnect();
    await server.drop();
  });

  it('freezes, stops and restarts, and a store keeps its keys', async () => {
    const server = await provideRedis('store');
    const redis = new Redis(server.url, { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
    await redis.set('kept', '1');
    server.pause();
    const answer = redis.get('kept');
    expect(await withinAMoment(answer)).toBe(frozen);
    server.resume();
    expect(await answer).toBe('1');
    await server.stop();
    await server.start();
    expect(await redis.get('kept')).toBe('1');
    redis.disconnect();
    await server.drop();
  });
});
