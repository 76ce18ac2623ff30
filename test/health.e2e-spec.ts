import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { freePort } from '../scripts/processes.mjs';
import { createDataSource, migrate } from '../src/database/index.js';
import { MIGRATIONS } from '../src/database/migrations/index.js';
import { createApp, useApp, type TestApp } from './support/app.js';
import { provideEmptyDatabase } from './support/services.js';
import { until } from './support/until.js';

/** Time for which a readiness result is reused. */
const REUSE_MS = 500;

describe('GET /health/ready', () => {
  const t = useApp();
  let redis: Redis;

  beforeAll(() => {
    redis = new Redis(t.env.redisUrl);
  });
  afterAll(() => {
    redis.disconnect();
  });

  it('reuses a check for concurrent requests and for half a second', async () => {
    const commands: (string | undefined)[] = [];
    const monitor = await redis.monitor();
    // Records the keys of probes, which are scripts, but not the commands that the scripts run.
    monitor.on('monitor', (_time: string, [name, first, , key]: string[], source: string) => {
      if (source !== 'lua') commands.push(name === 'evalsha' ? key : first);
    });
    const startedAt = performance.now();
    for (let round = 0; round < 3; round++) {
      const responses = await Promise.all(Array.from({ length: 20 }, () => t.api.get('//health/ready')));
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const atMost = 1 + Math.floor((performance.now() - startedAt) / REUSE_MS);
    await redis.get('the end');
    await until(() => commands.includes('the end'));
    monitor.disconnect();
    for (const probe of ['probe:{store}', 'probe:{cache}']) {
      const times = commands.filter((key) => key === probe).length;
      expect(times).toBeGreaterThan(0);
      expect(times).toBeLessThanOrEqual(atMost);
    }
  });

  it('checks again when a Redis fails and when it recovers', async () => {
    const status = async () => (await t.api.get('//health/ready')).status;
    await until(async () => (await status()) === 200);
    await redis.replicaof('127.0.0.1', await freePort());
    const guess = { email: 'nobody@example.com', password: 'not the right one' };
    expect((await t.api.post('/auth/login', guess)).status).toBe(503);
    expect(await status()).toBe(503);
    await redis.replicaof('NO', 'ONE');
    await until(async () => (await status()) === 200);
  });
});

describe('GET /health/ready and the schema', () => {
  let database: Awaited<ReturnType<typeof provideEmptyDatabase>>;
  let dataSource: DataSource;
  let t: TestApp;

  beforeAll(async () => {
    database = await provideEmptyDatabase();
    dataSource = await createDataSource(database.url).initialize();
    t = await createApp({ env: { DATABASE_URL: database.url } });
  });
  afterAll(async () => {
    await t.close();
    await dataSource.destroy();
    await database.drop();
  });

  const names = MIGRATIONS.map(({ name }) => name);
  const readiness = () => t.api.get<{ code?: string; detail?: string }>('//health/ready');
  const missing = async () => {
    const { status, body } = await readiness();
    expect([status, body.code]).toEqual([503, 'SCHEMA_OUTDATED']);
    return names.filter((name) => body.detail?.includes(name));
  };

  it('is 503 without a schema, naming every migration, and 200 once they have run', async () => {
    expect(await missing()).toEqual(names);
    expect((await t.api.get('//health/live')).status).toBe(200);
    await migrate(dataSource);
    expect((await readiness()).status).toBe(200);
  });

  it('is 503 with missing migrations, which it names', async () => {
    const rows = await dataSource.query<unknown[]>('SELECT * FROM migration ORDER BY id');
    await dataSource.undoLastMigration({ transaction: 'each' });
    await until(async () => (await readiness()).status === 503);
    expect(await missing()).toEqual(names.slice(-1));
    await migrate(dataSource);
    await until(async () => (await readiness()).status === 200);
    expect(await dataSource.query('SELECT * FROM migration')).toHaveLength(rows.length);
  });

  it('is 200 with a newer schema', async () => {
    const newer = ['Photos1990000000000', 1_990_000_000_000];
    await dataSource.query('INSERT INTO migration (name, timestamp) VALUES ($1, $2)', newer);
    expect((await readiness()).status).toBe(200);
    // Longer than the reuse of the previous result.
    await sleep(REUSE_MS);
    expect((await readiness()).status).toBe(200);
  });
});
