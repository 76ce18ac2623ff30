import { Redis } from 'ioredis';
import type { Account } from '../support/accounts.js';
import { aPlace, type PlaceBody } from '../support/factories.js';
import { freePort } from '../../scripts/processes.mjs';
import { createApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { createFaultEnv, newClient, timed, type FaultInjectionEnv } from './support/fault-injection.js';

/** Settings for a slow start: 300 µs per key, without responses within a thousand keys. */
const LOADING = { appendonly: 'yes', 'key-load-delay': 300 };

/** Time for which a caller waits for a load of another process that holds the lease. */
const WAIT_FOR_ANOTHER_MS = 100;

let env: FaultInjectionEnv;
let account: Account;
let admin: Redis;

beforeAll(async () => {
  env = await createFaultEnv({ cacheSettings: LOADING });
  account = await newClient(env);
  admin = new Redis(env.cache.server.url, { enableReadyCheck: false });
  admin.on('error', () => undefined);
});

afterEach(async () => {
  await admin.replicaof('NO', 'ONE');
  await admin.config('SET', 'maxmemory', '0');
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
});

afterAll(async () => {
  admin.disconnect();
  await env.close();
});

const newPlace = () => aPlace(env.t, { owner: { ...account, token: account.accessToken } });
const read = ({ id }: PlaceBody) => timed(() => env.t.api.get<PlaceBody>(`/places/${id}`));
const outcomeOf = async (place: PlaceBody) => (await read(place)).headers.get('x-cache');
const rename = (place: PlaceBody, name: string) =>
  timed(() => env.t.api.patch(`/places/${place.id}`, { name }, { token: account.accessToken }));
const readiness = async () => (await env.t.api.get('//health/ready')).body;

/** Expects reads from PostgreSQL, writes that are visible immediately, and a degraded readiness. */
async function expectBypass(cached: PlaceBody, changed: PlaceBody): Promise<void> {
  expect(await read(cached)).toMatchObject({ status: 200, body: { name: cached.name } });
  expect((await rename(changed, 'changed meanwhile')).status).toBe(200);
  const { status, headers, body } = await read(changed);
  expect([status, headers.get('x-cache'), body.name]).toEqual([200, 'BYPASS', 'changed meanwhile']);
  expect(await readiness()).toMatchObject({ status: 'degraded', cache: 'down' });
}

async function expectRecovery(changed: PlaceBody): Promise<void> {
  await until(async () => (await outcomeOf(changed)) === 'HIT', 5_000);
  expect((await read(changed)).body.name).toBe('changed meanwhile');
  await until(async () => (await readiness())['status'] === 'ok', 5_000);
}

describe('a full cache Redis without an eviction policy', () => {
  it('cache | cache Redis -OOM: hits and evictions work, new values are not stored, without a delay', async () => {
    const [cached, changed, cold] = [await newPlace(), await newPlace(), await newPlace()];
    for (const place of [cached, changed]) await read(place);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.config('SET', 'maxmemory', '1');
    expect(await outcomeOf(cached)).toBe('HIT');
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { headers, tookMs } = await read(cold);
      expect(headers.get('x-cache')).toMatch(/MISS|BYPASS/);
      times.push(tookMs);
    }
    expect(times.sort((one, other) => one - other)[2]).toBeLessThan(WAIT_FOR_ANOTHER_MS);
    expect((await rename(changed, 'changed meanwhile')).status).toBe(200);
    expect((await read(changed)).body.name).toBe('changed meanwhile');
    expect(await readiness()).toMatchObject({ status: 'degraded', cache: 'down' });
    expect(await outcomeOf(cached)).toBe('HIT');
    await admin.config('SET', 'maxmemory', '0');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expectRecovery(changed);
  });
});

describe('a cache Redis that has become a replica', () => {
  it('cache | cache Redis -READONLY: reads PostgreSQL until it is a primary again', async () => {
    const [cached, changed] = [await newPlace(), await newPlace()];
    for (const place of [cached, changed]) await read(place);
    await admin.replicaof('127.0.0.1', await freePort());
    await expectBypass(cached, changed);
    await admin.replicaof('NO', 'ONE');
    await expectRecovery(changed);
  });

  it('cache | cache Redis -READONLY: follows the address to the new primary', async () => {
    const [cached, changed] = [await newPlace(), await newPlace()];
    for (const place of [cached, changed]) await read(place);
    const before = await connectionIds();
    await admin.replicaof('127.0.0.1', await freePort());
    await rename(changed, 'changed meanwhile');
    await until(async () => (await connectionIds()).every((id) => !before.includes(id)), 5_000);
    await admin.replicaof('NO', 'ONE');
    await expectRecovery(changed);
  });
});

describe('a cache Redis that is restarted', () => {
  it('cache | cache Redis -LOADING: reads PostgreSQL until it has loaded', async () => {
    const [cached, changed] = [await newPlace(), await newPlace()];
    for (const place of [cached, changed]) await read(place);
    const filler = Array.from({ length: 12_000 }, (_, index) => ['set', `filler:${index}`, '1']);
    await admin.pipeline(filler).exec();
    await env.cache.server.stop();
    const started = env.cache.server.start();
    await until(async () => String(await admin.get('filler:0').catch(String)).includes('LOADING'), 8_000);
    await expectBypass(cached, changed);
    await started;
    await expectRecovery(changed);
    await admin.flushall();
  });

  it('cache | cache Redis restarted empty: fills again with no stale value', async () => {
    const [cached, changed] = [await newPlace(), await newPlace()];
    for (const place of [cached, changed]) await read(place);
    await env.cache.server.stop();
    expect((await rename(changed, 'changed meanwhile')).status).toBe(200);
    await env.cache.server.start();
    await until(() => admin.status === 'ready');
    await admin.flushall();
    await expectRecovery(changed);
    expect((await read(cached)).body.name).toBe(cached.name);
    await until(async () => (await outcomeOf(cached)) === 'HIT', 5_000);
  });
});

// Last: transactions of one process use the data source of its latest application, which is closed afterwards.
describe('a cache Redis that serves reads but refuses evictions', () => {
  let other: TestApp;

  beforeAll(async () => {
    const { databaseUrl, redisUrl, redisCacheUrl } = env.t.env;
    other = await createApp({
      env: { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, REDIS_CACHE_URL: redisCacheUrl },
    });
  });
  afterAll(() => other.close());

  it.each<[string, [string, ...string[]], [string, ...string[]]]>([
    ['-NOREPLICAS', ['CONFIG', 'SET', 'min-replicas-to-write', '1'], ['CONFIG', 'SET', 'min-replicas-to-write', '0']],
    ['-NOPERM', ['ACL', 'SETUSER', 'default', '-unlink'], ['ACL', 'SETUSER', 'default', '+unlink']],
  ])('cache | cache Redis %s: every instance reads PostgreSQL a second after a write', async (_, refuse, accept) => {
    const changed = await newPlace();
    const readElsewhere = () => other.api.get<PlaceBody>(`/places/${changed.id}`);
    await until(async () => (await readElsewhere()).headers.get('x-cache') === 'HIT');
    await admin.call(...refuse);
    try {
      expect((await rename(changed, 'changed meanwhile')).status).toBe(200);
      await until(async () => (await readElsewhere()).headers.get('x-cache') === 'BYPASS', 1_500);
      for (let round = 0; round < 20; round += 1) {
        expect(await readElsewhere()).toMatchObject({ status: 200, body: { name: 'changed meanwhile' } });
      }
    } finally {
      await admin.call(...accept);
    }
    await expectRecovery(changed);
    await until(async () => (await readElsewhere()).headers.get('x-cache') === 'HIT', 5_000);
    expect((await readElsewhere()).body.name).toBe('changed meanwhile');
  });
});

/** Ids of the connections of the service to its cache. */
async function connectionIds(): Promise<string[]> {
  const clients = String(await admin.client('LIST')).split('\n');
  return clients.filter((line) => line.includes('name=ecogreen:cache')).map((line) => /id=(\d+)/.exec(line)?.[1] ?? '');
}
