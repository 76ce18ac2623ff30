import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { childrenOf, sendSignal } from '../../scripts/processes.mjs';
import { createJobsApp } from '../jobs/jobs-test-app.js';
import { newAccount, signUp, type Account } from '../support/accounts.js';
import { createApp, type TestApp } from '../support/app.js';
import { aPlace } from '../support/factories.js';
import { provideDatabase, provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { keepTimeLimits } from '../support/time-limits.js';

keepTimeLimits();

const EVERYTHING = ['reset', 'on', '>secret', '~*', '&*', '+@all'];
/** Bounds for a second of an idle instance; one that retries without a pause sends thousands of commands. */
const IDLE_COMMANDS = 150;
const IDLE_CONNECTIONS = 30;

/** A way in which a server rejects commands, with the expected log and the functions that begin and end it. */
interface Refusal {
  readonly how: string;
  readonly reason: RegExp;
  begin(admin: Redis, server: ProvidedServer): Promise<unknown>;
  end(admin: Redis, server: ProvidedServer): Promise<unknown>;
}

const acl = (how: string, reason: RegExp, ...rules: string[]): Refusal => ({
  how,
  reason,
  begin: (admin) => admin.call('ACL', 'SETUSER', 'app', ...rules),
  end: (admin) => admin.call('ACL', 'SETUSER', 'app', ...EVERYTHING),
});

const config = (how: string, reason: RegExp, name: string, value: string, usual: string): Refusal => ({
  how,
  reason,
  begin: (admin) => admin.config('SET', name, value),
  end: (admin) => admin.config('SET', name, usual),
});

const NO_RIGHTS = /NOPERM|The user executing the script can't|ACL failure in script/;
const REFUSALS: readonly Refusal[] = [
  acl('without the right to run scripts', NO_RIGHTS, '-@scripting'),
  acl('without the right to INFO and scripts', NO_RIGHTS, '-@dangerous', '-@scripting'),
  acl('without the right to a command within a script', NO_RIGHTS, '-zadd'),
  acl('without the right to write', NO_RIGHTS, '-@write'),
  acl('without any right', NO_RIGHTS, '-@all'),
  acl('without the right to our keys', NO_RIGHTS, 'resetkeys', '~another:*'),
  {
    ...acl('whose user is deleted', /WRONGPASS/),
    begin: (admin) => admin.call('ACL', 'DELUSER', 'app'),
  },
  {
    ...acl('whose password is changed', /WRONGPASS/),
    begin: async (admin) => {
      await admin.call('ACL', 'SETUSER', 'app', 'resetpass', '>another');
      await admin.call('CLIENT', 'KILL', 'USER', 'app');
    },
  },
  config('that has too few replicas', /NOREPLICAS/, 'min-replicas-to-write', '1', '0'),
  config('that is full', /OOM/, 'maxmemory', '1', '0'),
  {
    how: 'that cannot write its snapshot',
    reason: /MISCONF/,
    begin: async (admin, server) => {
      await admin.config('SET', 'save', '3600 100000', 'rdb-key-save-delay', '10000000');
      await admin.bgsave();
      for (const child of childrenOf(server.pid)) sendSignal(child, 'SIGKILL');
      await until(async () => (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'));
    },
    end: (admin) => admin.config('SET', 'save', '', 'rdb-key-save-delay', '0'),
  },
  {
    how: 'that has become a replica',
    reason: /READONLY/,
    begin: (admin) => admin.replicaof('127.0.0.1', 1),
    end: (admin) => admin.replicaof('NO', 'ONE'),
  },
];

let lines: string[];

beforeEach(() => {
  lines = [];
});

const record = () => {
  const note = (text: unknown) => void lines.push(String(text));
  Logger.overrideLogger({ log: note, warn: note, error: note });
};

const asApp = (server: ProvidedServer, password = 'secret') => server.url.replace('//', `//app:${password}@`);

const readiness = ({ api }: TestApp) => api.get<{ status?: string }>('//health/ready');
const logIn = async ({ api }: TestApp, { email, password }: Account) =>
  (await api.post('/auth/login', { email, password })).status;

/** Commands and connections that a server receives in a second. */
async function trafficOf(admin: Redis): Promise<{ commands: number; connections: number }> {
  const read = async () => {
    const info = await admin.info('stats');
    const counter = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
    const commands = counter('total_commands_processed') + counter('total_error_replies');
    return { commands, connections: counter('total_connections_received') };
  };
  const before = await read();
  await sleep(1_000);
  const after = await read();
  return { commands: after.commands - before.commands, connections: after.connections - before.connections };
}

describe('a durable Redis', () => {
  let server: ProvidedServer;
  let cache: ProvidedServer;
  let admin: Redis;
  let t: TestApp;
  let account: Account;

  beforeAll(async () => {
    [server, cache] = await Promise.all([provideRedis(), provideRedis('cache')]);
    admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'app', ...EVERYTHING);
    t = await createApp({ env: { REDIS_URL: asApp(server), REDIS_CACHE_URL: cache.url, JOBS: 'on' } });
    account = await signUp(t.api);
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await t.close();
    admin.disconnect();
    await Promise.all([server.drop(), cache.drop()]);
  });

  it.each(REFUSALS)('$how: answers 503, logs the reason, retries with backoff, and recovers', async (refusal) => {
    record();
    await refusal.begin(admin, server);
    expect(await logIn(t, account)).toBe(503);
    await until(async () => (await readiness(t)).status === 503);
    await until(() => lines.some((line) => refusal.reason.test(line)));
    const { commands, connections } = await trafficOf(admin);
    expect(commands).toBeLessThan(IDLE_COMMANDS);
    expect(connections).toBeLessThan(IDLE_CONNECTIONS);
    expect(lines.length).toBeLessThan(60);
    expect((await t.api.get('//health/live')).status).toBe(200);
    await refusal.end(admin, server);
    await until(async () => (await readiness(t)).status === 200);
    expect(await logIn(t, account)).toBe(200);
  });
});

describe('the start with a durable Redis', () => {
  const cases: readonly (readonly [string, readonly string[], (url: string) => string])[] = [
    ['without any right', ['-@all'], (url) => url],
    ['with a wrong password', [], (url) => url.replace('secret', 'guess')],
    ['that asks for a password', [], (url) => url.replace('app:secret@', '')],
  ];

  it.each(cases)('%s: is live, not ready, and retries with backoff', async (_how, rules, address) => {
    const server = await provideRedis();
    const admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'app', ...EVERYTHING, ...rules);
    await admin.call('ACL', 'SETUSER', 'default', '>of-the-admin');
    const url = address(asApp(server));
    const t = await createApp({ env: { REDIS_URL: url, REDIS_CACHE_URL: url, JOBS: 'on' } });
    expect((await t.api.get('//health/live')).status).toBe(200);
    expect((await readiness(t)).status).toBe(503);
    const { commands, connections } = await trafficOf(admin);
    expect(commands).toBeLessThan(IDLE_COMMANDS);
    expect(connections).toBeLessThan(IDLE_CONNECTIONS);
    await t.close();
    admin.disconnect();
    await server.drop();
  });
});

describe('a Redis that rejects only commands that requests do not need', () => {
  it('serves requests and runs jobs', async () => {
    const [server, database] = await Promise.all([provideRedis(), provideDatabase()]);
    const admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'app', ...EVERYTHING, '-@admin', '-@dangerous');
    const env = { REDIS_URL: asApp(server), REDIS_CACHE_URL: asApp(server), DATABASE_URL: database.url };
    const t = await createApp({ env });
    await signUp(t.api);
    expect(await readiness(t)).toMatchObject({ status: 200, body: { status: 'ok' } });
    await t.close();
    const jobsApp = await createJobsApp({ databaseUrl: database.url, redisUrl: asApp(server) });
    await until(() => jobsApp.probe.ticks.length > 0);
    await jobsApp.close();
    admin.disconnect();
    await Promise.all([server.drop(), database.drop()]);
  });
});

describe('a cache Redis that rejects scripts', () => {
  it('disables only the cache, with degraded readiness', async () => {
    const [server, cache] = await Promise.all([provideRedis(), provideRedis('cache')]);
    const admin = new Redis(cache.url);
    await admin.call('ACL', 'SETUSER', 'app', ...EVERYTHING);
    const t = await createApp({ env: { REDIS_URL: server.url, REDIS_CACHE_URL: asApp(cache) } });
    record();
    await admin.call('ACL', 'SETUSER', 'app', '-@scripting');
    expect((await t.api.get('/places')).status).toBe(200);
    expect(await logIn(t, { ...newAccount(), id: '', accessToken: '', refreshToken: '' })).toBe(401);
    expect(await readiness(t)).toMatchObject({ status: 200, body: { status: 'degraded', cache: 'down' } });
    expect(lines).toContainEqual(expect.stringMatching(/cache connection: NOPERM/));
    await t.close();
    admin.disconnect();
    await Promise.all([server.drop(), cache.drop()]);
  });
});

/** All commands that the service sends to the cache Redis. */
const CACHE_COMMANDS = [
  'eval', 'evalsha', 'set', 'get', 'mget', 'exists', 'pttl', 'pexpire', 'del', 'unlink', 'scan', 'time', 'hset', 'hget',
  'hmget', 'hstrlen', 'zadd', 'zrange', 'zrevrangebyscore', 'zrem', 'zremrangebyrank',
];

describe('a cache Redis with the minimal ACL', () => {
  it('serves hits with readiness ok', async () => {
    const [server, cache] = await Promise.all([provideRedis(), provideRedis('cache')]);
    const admin = new Redis(cache.url);
    const granted = CACHE_COMMANDS.map((name) => `+${name}`);
    await admin.call('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', '~*', '+@connection', ...granted);
    const t = await createApp({ env: { REDIS_URL: server.url, REDIS_CACHE_URL: asApp(cache) } });
    const { id } = await aPlace(t);
    await until(async () => (await t.api.get(`/places/${id}`)).headers.get('x-cache') === 'HIT');
    expect(await readiness(t)).toMatchObject({ status: 200, body: { status: 'ok' } });
    await t.close();
    admin.disconnect();
    await Promise.all([server.drop(), cache.drop()]);
  });
});
