import { isUnavailable } from '../../src/common/index.js';
import { DatabaseModule, Outbox } from '../../src/database/index.js';
import type { RedisClient } from '../../src/redis/index.js';
import { provideDatabase, providePostgres, provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { createCacheApp, keepTimeLimits, type CacheApp, type CacheAppOptions } from './support/cache-app.js';
import { SqlNotes } from './support/sql-notes.js';
import { stopwatch } from '../support/stopwatch.js';

keepTimeLimits();

/** One process with the cache, the outbox and a relay. */
interface Process {
  readonly app: CacheApp;
  readonly notes: SqlNotes;
  readonly redis: RedisClient;
}

/** Bound after the commit or the recovery of Redis, from which on no process serves the old value. */
const BOUND_MS = 1_000;

async function start(options: Pick<CacheAppOptions, 'redisUrl' | 'databaseUrl' | 'overrides'>): Promise<Process> {
  const app = await createCacheApp({ ...options, imports: [DatabaseModule], providers: [SqlNotes] });
  return { app, notes: app.get(SqlNotes), redis: app.redis };
}

/** Disconnects the process from Redis, not from PostgreSQL. */
async function cutOff({ redis }: Process): Promise<void> {
  redis.disconnect();
  await until(() => redis.status === 'end');
}

interface InvalidationMessage {
  readonly cache: string;
  readonly keys: readonly string[];
}

const waiting = async ({ notes }: Process) => {
  const all = "SELECT payload FROM outbox WHERE topic = 'cache' ORDER BY id";
  const rows = await notes.query<{ payload: InvalidationMessage }>(all);
  return rows.map(({ payload }) => payload);
};
const keysOf = (cache: string, id: number) => ['entry', 'lease', 'put'].map((kind) => `cache:{${cache}}:${kind}:${id}`);
const keyed = (messages: readonly InvalidationMessage[], cache: string) =>
  messages.filter((each) => each.cache === cache).flatMap(({ keys }) => keys);

describe('an eviction committed with its change', () => {
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let redis: ProvidedServer;
  let writer: Process;
  let reader: Process;
  const processes: Process[] = [];
  const launch = async (overrides: CacheAppOptions['overrides'] = []) => {
    const process = await start({ redisUrl: redis.url, databaseUrl: database.url, overrides });
    processes.push(process);
    return process;
  };

  beforeEach(async () => {
    [database, redis] = await Promise.all([provideDatabase(), provideRedis('cache')]);
    writer = await launch();
    await writer.notes.create();
  });
  afterEach(async () => {
    redis.resume();
    await Promise.all(processes.splice(0).map(({ app }) => app.close()));
    await Promise.all([database.drop(), redis.drop()]);
  });

  const empty = () => until(async () => (await waiting(writer)).length === 0);

  it('is applied by another process within a second when the writer cannot', async () => {
    reader = await launch();
    await reader.notes.get(1);
    await cutOff(writer);
    await writer.notes.writeWithLists(1, 'new');
    const elapsedMs = stopwatch();
    await until(async () => (await reader.notes.get(1)) === 'new');
    expect(elapsedMs()).toBeLessThan(BOUND_MS);
    expect(await writer.notes.get(1)).toBe('new');
    await empty();
  });

  it('is lost without the outbox', async () => {
    reader = await launch();
    const withoutOutbox = await launch([{ token: Outbox, value: undefined }]);
    await reader.notes.get(1);
    await cutOff(withoutOutbox);
    await withoutOutbox.notes.writeWithLists(1, 'new');
    await new Promise((resolve) => setTimeout(resolve, 2 * BOUND_MS));
    expect(await reader.notes.get(1)).toBe('old');
  });

  it('is one row per cache for the whole transaction, deleted once Redis has confirmed it', async () => {
    await writer.notes.within(async () => {
      await writer.notes.writeWithLists(1, 'new');
      await writer.notes.writeWithLists(2, 'new');
    });
    await until(async () => (await waiting(writer)).length === 0, 200);
    await cutOff(writer);
    await writer.notes.within(async () => {
      await writer.notes.writeWithLists(1, 'newer');
      await writer.notes.writeWithLists(2, 'newer');
      await writer.notes.replace(1, 'newest');
    });
    const rows = await waiting(writer);
    expect(rows.map(({ cache }) => cache).sort()).toEqual(['lists', 'notes']);
    expect(keyed(rows, 'notes')).toEqual(expect.arrayContaining([...keysOf('notes', 1), ...keysOf('notes', 2)]));
  });

  it('coexists with other outbox messages of the transaction in either order', async () => {
    await cutOff(writer);
    await writer.notes.within(async () => {
      await writer.app.get(Outbox).add('mails', ['before']);
      await writer.notes.writeWithLists(1, 'new');
      await writer.app.get(Outbox).add('mails', ['after']);
    });
    const rows = await writer.notes.query<{ topic: string }>('SELECT topic FROM outbox ORDER BY topic');
    expect(rows.map(({ topic }) => topic)).toEqual(['cache', 'cache', 'mails', 'mails']);
    expect(keyed(await waiting(writer), 'notes')).toEqual(expect.arrayContaining(keysOf('notes', 1)));
    await writer.notes.query("DELETE FROM outbox WHERE topic = 'mails'");
  });

  it('is rolled back with its transaction, or with its savepoint only', async () => {
    await cutOff(writer);
    const undone = new Error('undone');
    const fail = async () => {
      await writer.notes.writeWithLists(2, 'never');
      throw undone;
    };
    await expect(writer.notes.within(fail)).rejects.toBe(undone);
    expect(await waiting(writer)).toEqual([]);
    await writer.notes.within(async () => {
      await writer.notes.writeWithLists(1, 'new');
      await expect(writer.notes.atSavepoint(fail)).rejects.toBe(undone);
    });
    const keys = keyed(await waiting(writer), 'notes');
    expect(keys).toEqual(expect.arrayContaining(keysOf('notes', 1)));
    expect(keys).not.toContain(keysOf('notes', 2)[0]);
  });

  it('makes a method transactional, so that its change is undone when it fails', async () => {
    await writer.notes.get(1);
    await expect(writer.notes.writeThenFail(1, 'never')).rejects.toThrow('after the change');
    expect(await writer.notes.get(1)).toBe('old');
    expect(await writer.notes.query('SELECT text FROM note WHERE id = 1')).toEqual([{ text: 'old' }]);
  });

  it('is written once when PostgreSQL aborts and retries the transaction twice', async () => {
    await cutOff(writer);
    await writer.notes.writeAtThirdAttempt(1, 'new');
    expect(writer.notes.attempts).toBe(3);
    expect((await waiting(writer)).map(({ cache }) => cache).sort()).toEqual(['lists', 'notes']);
  });

  it('is written also for an eviction that already ran before the invocation', async () => {
    await writer.notes.get(1);
    await writer.notes.writeEvictingEarly(1, 'new', async () => {
      expect(await writer.app.caches.get('notes').get(1)).toBeUndefined();
      await cutOff(writer);
    });
    expect(keyed(await waiting(writer), 'notes')).toEqual(expect.arrayContaining(keysOf('notes', 1)));
  });

  it('becomes a row when a manual eviction fails immediately', async () => {
    await writer.app.caches.get('notes').evict(1);
    expect(await waiting(writer)).toEqual([]);
    await cutOff(writer);
    await writer.app.caches.get('notes').evict(1);
    expect(keyed(await waiting(writer), 'notes')).toEqual(expect.arrayContaining(keysOf('notes', 1)));
    reader = await launch();
    await empty();
  });

  it('does not delay a write while Redis is frozen, and the writer never serves the old value again', async () => {
    reader = await launch();
    await Promise.all([writer.notes.get(1), reader.notes.get(1)]);
    redis.pause();
    const elapsedMs = stopwatch();
    await writer.notes.writeWithLists(1, 'new');
    expect(elapsedMs()).toBeLessThan(1_000);
    for (let call = 0; call < 20; call++) expect(await writer.notes.get(1)).toBe('new');
    redis.resume();
    const recovered = performance.now();
    while (performance.now() - recovered < BOUND_MS) expect(await writer.notes.get(1)).toBe('new');
    expect(await reader.notes.get(1)).toBe('new');
    await empty();
    await until(async () => (await writer.app.caches.get('notes').get(1)) !== undefined);
  });

  it('of a dead process is awaited by the process that starts in its place', async () => {
    await writer.notes.get(1);
    await cutOff(writer);
    await writer.notes.writeWithLists(1, 'new');
    reader = await launch();
    expect(await reader.notes.get(1)).toBe('new');
    await empty();
  });

  it('is applied 10,000 times in a row', async () => {
    await writer.notes.get(1);
    const rows = Array.from({ length: 10_000 }, (_, id) => ({ cache: 'notes', keys: keysOf('notes', id) }));
    await writer.app.get(Outbox).add('cache', rows);
    await empty();
    expect(await writer.app.caches.get('notes').get(1)).toBeUndefined();
  });
});

describe('a commit whose response is lost', () => {
  it('is reported as an outage, and its eviction is applied', async () => {
    const [postgres, redis] = await Promise.all([providePostgres(), provideRedis('cache')]);
    const writer = await start({ redisUrl: redis.url, databaseUrl: postgres.url });
    const { notes } = writer;
    await notes.create();
    // A commit that waits for a standby that does not exist.
    await notes.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await notes.query('SELECT pg_reload_conf()');
    let attempt = 0;
    const write = async () => {
      await notes.query("SET LOCAL synchronous_commit = 'remote_apply'");
      await notes.query('SET LOCAL statement_timeout = 0');
      await notes.writeWithLists(1, `new ${(attempt += 1)}`);
    };
    // The server applies its new settings asynchronously.
    await until(async () => {
      await notes.get(1);
      return notes.within(write).then(() => false, isUnavailable);
    });
    await notes.query('ALTER SYSTEM RESET synchronous_standby_names');
    await notes.query('SELECT pg_reload_conf()');
    const text = () => notes.query<{ text: string }>('SELECT text FROM note WHERE id = 1');
    await until(async () => (await text())[0]?.text === `new ${attempt}`);
    await until(async () => (await notes.get(1)) === `new ${attempt}`);
    await until(async () => (await waiting(writer)).length === 0);
    await writer.app.close();
    await Promise.all([postgres.drop(), redis.drop()]);
  });
});
