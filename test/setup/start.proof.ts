import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { startTimeOf } from '../../scripts/processes.mjs';
import { Checkout } from '../support/checkout.js';

jest.setTimeout(60_000);

let checkout: Checkout;

beforeAll(async () => {
  checkout = await Checkout.make();
});

afterEach(() => checkout.endAll());
afterAll(() => checkout.remove());

/** Runs one statement on the embedded PostgreSQL. */
async function sql(statement: string): Promise<unknown[]> {
  const { postgresPassword, postgresPort } = await checkout.localData();
  const client = new Client(`postgres://ecogreen:${postgresPassword}@127.0.0.1:${postgresPort}/postgres`);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(statement);
  await client.end();
  return rows;
}

async function redis<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const { redisPassword, redisPort } = await checkout.localData();
  const client = new Redis({ port: redisPort, password: redisPassword });
  const result = await work(client);
  client.disconnect();
  return result;
}

async function isReady(): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${checkout.port}/health/ready`)).ok;
}

describe('npm start', () => {
  it('serves, keeps its data, and leaves no process on Ctrl-C', async () => {
    const first = await checkout.start();
    expect(await isReady()).toBe(true);
    expect(first.output).toContain(`http://localhost:${checkout.port}/docs`);
    expect(first.output).not.toContain('Demo accounts');
    const processes = await checkout.processes();
    expect(Object.keys(processes).sort()).toEqual(['api', 'postgres', 'redis', 'start']);
    await sql('CREATE TABLE note AS SELECT 1 AS n');
    await redis((client) => client.set('key', '1'));
    first.signal('SIGINT');
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(Object.values(processes).filter((pid) => startTimeOf(pid) !== undefined)).toEqual([]);
  });

  it('prints the URLs after all start-up lines, then one line per request', async () => {
    const running = await checkout.start({ LOG_LEVEL: 'info', LOG_FORMAT: 'pretty' });
    await fetch(`http://127.0.0.1:${checkout.port}/api/v1/categories?q=unlogged`);
    await running.untilPrinted('GET /api/v1/categories');
    const [before = '', after = ''] = running.output.split('EcoGreen Seoul API is ready after');
    expect(before).toContain('[Redis] cache: ready');
    expect(before).not.toMatch(/dependencies initialized|Mapped \{/);
    const [banner = '', log = ''] = after.split('  Ctrl-C stops it and keeps the data.\n');
    expect(banner).toContain(`  Swagger UI   http://localhost:${checkout.port}/docs\n`);
    // The line of the request that found the API ready may come just after the banner.
    const lines = log.split('\n').filter((line) => line !== '' && !line.includes('/health/ready'));
    expect(lines).toEqual([
      expect.stringMatching(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: GET \/api\/v1\/categories 200 \d+ ms MISS$/),
    ]);
    running.signal('SIGINT');
    await running.ended;
  });

  it('restricts its secrets to the owner and its servers to this machine', async () => {
    const before = await checkout.localData();
    const second = await checkout.start();
    expect(await checkout.localData()).toEqual(before);
    expect((await stat(checkout.path('.data', 'local.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(checkout.path('.data', 'redis', 'redis.conf'))).mode & 0o777).toBe(0o600);
    expect(await redis((client) => client.config('GET', 'appendonly', 'maxmemory-policy', 'bind'))).toEqual(
      expect.arrayContaining(['yes', 'noeviction', '127.0.0.1']),
    );
    const outside = Object.values(networkInterfaces()).flatMap((list) => list ?? []).find(({ internal }) => !internal);
    if (outside) {
      const client = new Client({ host: outside.address, port: before.postgresPort, connectionTimeoutMillis: 1000 });
      await expect(client.connect()).rejects.toThrow(/ECONNREFUSED|ENETUNREACH|EINVAL/);
    }
    second.signal('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
  });

  it('stops when only npm receives the signal', async () => {
    const npm = checkout.spawn('npm', ['start']);
    await npm.untilPrinted('is ready after');
    npm.signal('SIGTERM');
    expect(await npm.ended).toMatchObject({ code: 0 });
    expect(await checkout.processes()).toEqual({});
  });

  it('starts after kill -9, ends leftover processes, and has all data', async () => {
    const killed = await checkout.start();
    killed.signal('SIGKILL');
    await killed.ended;
    const orphans = await checkout.processes();
    expect(Object.keys(orphans).sort()).toEqual(['api', 'postgres', 'redis']);
    const again = await checkout.start();
    expect(again.output).toContain('End orphans of a crash: api, postgres, redis');
    expect(Object.values(orphans).filter((pid) => startTimeOf(pid) !== undefined)).toEqual([]);
    expect(await sql('SELECT n FROM note')).toEqual([{ n: 1 }]);
    expect(await redis((client) => client.get('key'))).toBe('1');

    const { output } = await checkout.run('start.mjs').ended;
    expect(output).toMatch(/already running: http:.*\n\n {2}Stop it first with Ctrl-C where it runs, or: kill \d+/);
    const reset = await checkout.run('reset.mjs', ['--yes']).ended;
    expect(reset).toMatchObject({ code: 1, output: expect.stringContaining('already running') as string });

    process.kill((await checkout.processes())['postgres'] ?? 0, 'SIGKILL');
    const { code, output: last } = await again.ended;
    expect(last).toMatch(/PostgreSQL stopped; its log is .*postgres\.log/);
    expect([code, await checkout.processes()]).toEqual([1, {}]);
  });

  it('starts when postmaster.pid names a foreign process and its ports are taken', async () => {
    const before = await checkout.localData();
    await writeFile(checkout.path('.data', 'postgres', 'postmaster.pid'), `${process.pid}\n`);
    const others = await Promise.all([before.postgresPort, before.redisPort].map(listen));
    const running = await checkout.start({ HOST: '0.0.0.0' });
    const after = await checkout.localData();
    expect(after.postgresPort).not.toBe(before.postgresPort);
    expect(after.redisPort).not.toBe(before.redisPort);
    expect(await sql('SELECT n FROM note')).toEqual([{ n: 1 }]);
    for (const server of others) server.close();
    running.signal('SIGHUP');
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  it('reads .env, with precedence for the environment', async () => {
    await writeFile(checkout.path('.env'), 'PORT=none\nHOST=127.0.0.1\n');
    expect(await checkout.run('start.mjs', [], { PORT: '0' }).ended).toMatchObject({
      code: 1,
      output: expect.stringContaining('PORT is "0"; it must be a whole number from 1 to 65535.') as string,
    });
    await writeFile(checkout.path('.env'), 'DATABASE_URL=mysql://u:secret@h/d\n');
    const { output } = await checkout.run('start.mjs').ended;
    expect(output).toContain('DATABASE_URL is not a usable address; it must begin with postgres:// or postgresql://');
    expect(output).not.toContain('secret');
    await writeFile(checkout.path('.env'), '');
  });

  it('stops on a signal just before the API is ready', async () => {
    const main = checkout.path('dist', 'main.js');
    const built = await readFile(main);
    await writeFile(main, SLOW_API);
    const starting = checkout.run('start.mjs');
    await starting.untilPrinted('Stopping');
    expect(await starting.ended).toMatchObject({ code: 0 });
    expect(await checkout.processes()).toEqual({});
    await writeFile(main, built);
  });
});

/** Replacement of the API that, on the first readiness request, sends SIGINT to its parent and then reports ready. */
const SLOW_API = `
  import { createServer } from 'node:http';
  createServer((_request, response) => {
    process.kill(process.ppid, 'SIGINT');
    setTimeout(() => response.end(), 200);
  }).listen(process.env.PORT, process.env.HOST);
`;

function listen(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
