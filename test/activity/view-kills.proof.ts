import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/index.js';
import { seededRandom, SEED } from '../support/seeded-random.js';
import { provideDatabase, provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import type { TestServers } from '../support/test-servers.js';
import { makePlaces, openFlusher } from './flusher.js';
import { addShipments, PLACES } from './shipments.js';
import type { Acknowledged, Order } from './victim.js';

/** Number of services a process works for, each with a Redis and a PostgreSQL database. */
const SERVICES = 20;
const CRASHES = Number(process.env['VIEW_CRASHES'] ?? 200);
/** Number of concurrent processes. */
const AT_ONCE = 2;

describe(`views of places after ${CRASHES} crashes of senders and flushers (SEED=${SEED})`, () => {
  const random = seededRandom(SEED);
  const databases: Awaited<ReturnType<typeof provideDatabase>>[] = [];
  let server: ProvidedServer;
  let services: TestServers[];
  let clients: Redis[];
  /** By sender: the highest number that Redis has acknowledged. */
  const acknowledged = new Map<string, number>();

  beforeAll(async () => {
    server = await provideRedis('store', { databases: SERVICES });
    for (let at = 0; at < SERVICES; at += 1) databases.push(await provideDatabase());
    services = databases.map(({ url }, at) => ({ databaseUrl: url, redisUrl: `${server.url}/${at}` }));
    clients = services.map(({ redisUrl }) => new Redis(redisUrl));
    for (const { databaseUrl } of services) await query(databaseUrl, (database) => makePlaces(database, PLACES));
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await Promise.all([server.drop(), ...databases.map((each) => each.drop())]);
  });

  it('are each counted exactly once', async () => {
    let left = CRASHES / SERVICES;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) await runUntilKilled(`${left}`, Math.floor(random() * 2 ** 31), 20 + random() * 400);
      }),
    );
    for (const [at, service] of services.entries()) await expectAll(at, service);
  }, 480_000);

  /** Kills a process a random time after it has started to work for every service. */
  async function runUntilKilled(sender: string, seed: number, workMs: number): Promise<void> {
    const victim = fork(join(import.meta.dirname, 'victim.ts'), {
      execArgv: ['--import', join(import.meta.dirname, '../race/typescript.mjs')],
    });
    const begun = new Set<number>();
    victim.on('message', ({ service, number }: Acknowledged) => {
      acknowledged.set(`${sender}-${service}`, number);
      if (number > 0) begun.add(service);
    });
    victim.send({ services, sender, seed } satisfies Order);
    await until(() => begun.size === SERVICES || victim.exitCode !== null, 120_000);
    await sleep(workMs);
    await kill(victim);
    // Instead of waiting ten seconds for the locks of the killed process. Running processes lose theirs too.
    await Promise.all(clients.map((client) => client.del('lock:{views}')));
  }

  async function expectAll(at: number, service: TestServers): Promise<void> {
    const flusher = await openFlusher(service);
    await until(async () => {
      await flusher.flush.run({ settlingMs: 0 });
      const { open, batches } = await flusher.store.backlog();
      return open + batches === 0;
    });
    await flusher.close();
    const sent = new Map<number, number>();
    for (const [sender, number] of acknowledged) {
      if (!sender.endsWith(`-${at}`)) continue;
      const last = Number(await clients[at]?.get(`views:{views}:sender:${sender}`));
      expect(last).toBeGreaterThanOrEqual(number);
      addShipments(sent, last);
    }
    const sql = 'SELECT place_id AS id, sum(views)::int AS views FROM place_view GROUP BY 1 ORDER BY 1';
    const rows = await query(service.databaseUrl, (database) => database.query<{ id: number; views: number }[]>(sql));
    expect(rows.length).toBe(PLACES);
    expect(new Map(rows.map(({ id, views }) => [id, views]))).toEqual(new Map([...sent].sort(([a], [b]) => a - b)));
  }
});

async function query<T>(databaseUrl: string, work: (database: DataSource) => Promise<T>): Promise<T> {
  const database = await createDataSource(databaseUrl).initialize();
  return work(database).finally(() => database.destroy());
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the process ended before it was killed; run it manually to see why');
}
