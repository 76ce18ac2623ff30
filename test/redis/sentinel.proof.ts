import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisConnections, redisToken, type RedisClient } from '../../src/redis/index.js';
import { createCacheApp, keepTimeLimits, type CacheApp } from '../cache/support/cache-app.js';
import { promoted, provideRedisSentinel, type ProvidedSentinel } from '../support/redis-sentinel.js';
import { until } from '../support/until.js';
import { stopwatch } from '../support/stopwatch.js';

keepTimeLimits();

/** Sentinel subscriptions: one per connection of the application. */
const SUBSCRIBERS = 4;
/** 5 s where the machine does nothing else (docs/outages.md). */
const RECOVERY_MS = 20_000;

describe('a primary behind Sentinel', () => {
  let servers: ProvidedSentinel;
  let app: CacheApp;
  const closing: number[] = [];
  const cache = () => app.caches.get('notes');

  beforeEach(async () => {
    Logger.overrideLogger(false);
    servers = await provideRedisSentinel();
    app = await createCacheApp({ redisUrl: servers.url });
  });
  afterEach(async () => {
    const elapsedMs = stopwatch();
    await app.close();
    closing.push(elapsedMs());
    await servers.drop();
  });
  afterAll(() => {
    // Regardless of the state of the servers, the application closes within this time.
    expect(Math.max(...closing)).toBeLessThan(1_000);
  });

  const works = async () => {
    await cache().put('probe', 'value');
    return (await cache().get('probe')) !== undefined;
  };

  it('is the only server the cache uses, never the replica', async () => {
    await until(works);
    const [primary, replica] = [new Redis(servers.primary.url), new Redis(servers.replica.url)];
    expect(await primary.client('LIST')).toContain('name=ecogreen:cache');
    expect(await replica.client('LIST')).not.toContain('ecogreen');
    primary.disconnect();
    replica.disconnect();
  });

  it.each([
    ['frozen', 'SIGSTOP'],
    ['killed', 'SIGKILL'],
  ] as const)('is replaced by its replica when %s, and the cache recovers soon', async (_, signal) => {
    await until(works);
    process.kill(servers.primary.pid, signal);
    await promoted(servers.replica);
    await until(works, RECOVERY_MS);
    if (signal === 'SIGSTOP') servers.primary.resume();
    await until(works, RECOVERY_MS);
  });

  it('is reconnected when a failover is reported while the client asks for the primary', async () => {
    await until(works);
    const redis = app.get<Redis>(redisToken('cache'));
    const { connector } = redis as unknown as { readonly connector: { disconnect(): void } };
    // The reaction of ioredis to `+switch-master`.
    redis.once('connecting', () => setImmediate(() => connector.disconnect()));
    const ended = new Promise((resolve) => redis.once('end', resolve));
    const primary = new Redis(servers.primary.url);
    await primary.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    primary.disconnect();
    await ended;
    await until(works);
  });

  it.each([
    ['quit', (redis: RedisClient) => void redis.quit()],
    ['disconnected', (redis: RedisClient) => {
      redis.disconnect();
    }],
  ])('leaves no Sentinel subscription of a duplicate that has %s', async (_, close) => {
    const sentinel = new Redis(servers.sentinel.url);
    const subscribers = async () => String(await sentinel.client('LIST')).match(/ sub=1 /g)?.length ?? 0;
    await until(async () => (await subscribers()) === SUBSCRIBERS);
    const connections = new RedisConnections();
    const duplicate = connections.open('queue', servers.url).duplicate();
    await until(async () => (await subscribers()) === SUBSCRIBERS + 2);
    const ended = new Promise((resolve) => duplicate.once('end', resolve));
    close(duplicate);
    await ended;
    await until(async () => (await subscribers()) === SUBSCRIBERS + 1);
    await connections.onApplicationShutdown();
    sentinel.disconnect();
  });

  it('stores nothing that was loaded before a failover without a known lease', async () => {
    await until(works);
    let finish: (value: string) => void = () => undefined;
    const loaded = cache().getOrLoad('note', () => new Promise<string>((resolve) => (finish = resolve)));
    await until(async () => (await leases(servers.primary.url)).length > 0);
    await servers.primary.stop();
    await promoted(servers.replica);
    // As if replication had been behind.
    const known = await leases(servers.replica.url);
    if (known.length > 0) await deleteKeys(servers.replica.url, known);
    await until(works, RECOVERY_MS);
    finish('old');
    expect(await loaded).toBe('old');
    expect(await cache().get('note')).toBeUndefined();
  });
});

async function leases(url: string): Promise<string[]> {
  const redis = new Redis(url);
  const keys = await redis.keys('*:lease:*');
  redis.disconnect();
  return keys;
}

async function deleteKeys(url: string, keys: readonly string[]): Promise<void> {
  const redis = new Redis(url);
  await redis.del(...keys).finally(() => redis.disconnect());
}
