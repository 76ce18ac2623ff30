import { Inject, Injectable, Module } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../src/config/index.js';
import { afterCommit, DatabaseModule, Outbox, type OutboxEntry, type OutboxRow } from '../src/database/index.js';
import { testEnv, testingModule } from './support/boot.js';
import { provideDatabase, providePostgres, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { stopwatch } from './support/stopwatch.js';

type Host = TransactionHost<TransactionalAdapterTypeOrm>;

@Injectable()
class Orders {
  constructor(
    private readonly outbox: Outbox,
    @Inject(TransactionHost) private readonly txHost: Host,
  ) {}

  @Transactional()
  async place(text: string, fail = false): Promise<readonly OutboxEntry[]> {
    await this.txHost.tx.query('INSERT INTO bought (text) VALUES ($1)', [text]);
    const entries = await this.outbox.add('orders', [text]);
    if (fail) throw new Error('refused');
    return entries;
  }

  @Transactional(Propagation.Nested)
  async placeAtSavepoint(text: string, fail: boolean): Promise<void> {
    await this.place(text, fail);
  }

  @Transactional()
  async placeTwo(secondFails: boolean): Promise<void> {
    await this.place('first');
    await this.placeAtSavepoint('second', secondFails).catch(() => undefined);
  }

  @Transactional()
  async post(text: string, fail: boolean): Promise<void> {
    await this.outbox.post('orders', [text]);
    if (fail) throw new Error('refused');
  }

  /** Confirms the messages after the commit, before the relay handles them. */
  @Transactional()
  async placeAndConfirm(text: string): Promise<void> {
    const entries = await this.place(text);
    await afterCommit(() => this.outbox.confirm(entries));
  }
}

@Module({ imports: [ConfigModule, DatabaseModule], providers: [Orders] })
class OrdersModule {}

/** One process, and the messages that its relay has handled. */
interface Process {
  readonly module: TestingModule;
  readonly orders: Orders;
  readonly outbox: Outbox;
  readonly done: unknown[];
  query<T>(sql: string, parameters?: unknown[]): Promise<T[]>;
}

async function start(databaseUrl: string, handler?: (rows: readonly OutboxRow[]) => Promise<void>): Promise<Process> {
  const module = await testingModule({ imports: [OrdersModule] }, testEnv({ databaseUrl })).compile();
  const done: unknown[] = [];
  const outbox = module.get(Outbox);
  outbox.handle('orders', async (rows) => {
    await handler?.(rows);
    done.push(...rows.map(({ payload }) => payload));
  });
  await module.init();
  const query = <T>(sql: string, parameters: unknown[] = []) => module.get(DataSource).query<T[]>(sql, parameters);
  await query('CREATE TABLE IF NOT EXISTS bought (text text)');
  return { module, orders: module.get(Orders), outbox, done, query };
}

const waiting = async ({ query }: Process) =>
  (await query<{ payload: unknown }>('SELECT payload FROM outbox ORDER BY id')).map(({ payload }) => payload);

describe('Outbox', () => {
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let one: Process;

  beforeEach(async () => {
    database = await provideDatabase();
    one = await start(database.url);
  });
  afterEach(async () => {
    await one.module.close();
    await database.drop();
  });

  it('handles a row once, within a second of the commit', async () => {
    await one.orders.place('soap');
    const elapsedMs = stopwatch();
    expect(await waiting(one)).toEqual(['soap']);
    await until(() => one.done.length > 0);
    expect(elapsedMs()).toBeLessThan(1_000);
    await until(async () => (await waiting(one)).length === 0);
    expect(one.done).toEqual(['soap']);
  });

  it('writes nothing when the transaction is rolled back', async () => {
    await expect(one.orders.place('soap', true)).rejects.toThrow('refused');
    expect(await waiting(one)).toEqual([]);
  });

  it('discards only the rows of a savepoint that is rolled back', async () => {
    await one.orders.placeTwo(true);
    expect(await waiting(one)).toEqual(['first']);
    await one.query('DELETE FROM outbox');
    await one.orders.placeTwo(false);
    expect(await waiting(one)).toEqual(['first', 'second']);
  });

  it('handles posted messages in this process after the commit, once, and none of a rollback', async () => {
    await expect(one.orders.post('never', true)).rejects.toThrow('refused');
    await one.orders.post('soap', false);
    await one.outbox.post('orders', ['tea']);
    await until(async () => (await waiting(one)).length === 0);
    expect(one.done).toEqual(['soap', 'tea']);
  });

  it('does not relay confirmed rows', async () => {
    await one.orders.placeAndConfirm('soap');
    await until(async () => (await waiting(one)).length === 0, 200);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(one.done).toEqual([]);
  });

  it('retries a row that its handler rejects, without blocking its topic', async () => {
    const refusals: number[] = [];
    one.outbox.handle('refused', (rows) => {
      refusals.push(rows.length);
      return Promise.reject(new Error('not today'));
    });
    await one.outbox.add('refused', ['a', 'b']);
    await one.outbox.add('orders', ['soap']);
    await until(() => refusals.length > 1 && one.done.length === 1);
    expect(await waiting(one)).toEqual(['a', 'b']);
  });

  it('does not block a topic by the slow handler of another', async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    let began = false;
    one.outbox.handle('a slow one', () => {
      began = true;
      return held;
    });
    await one.outbox.add('a slow one', [1]);
    await until(() => began);
    await one.outbox.add('orders', ['soap']);
    await until(() => one.done.length === 1, 1_000);
    finish();
  });

  it('runs no second handler beside one that timed out, and continues when that ends', async () => {
    const ends: (() => void)[] = [];
    one.outbox.handle('a slow one', () => new Promise((resolve) => ends.push(resolve)));
    await one.outbox.post('a slow one', [1]);
    await one.outbox.post('orders', ['soap']);
    await one.outbox.addNow('a slow one', [2]);
    // One was posted and one relayed; both have exceeded their five seconds.
    await until(() => ends.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    expect(ends).toHaveLength(2);
    for (const end of ends) end();
    await until(() => ends.length > 2);
    const drained = setInterval(() => ends.forEach((end) => end()), 50);
    await until(async () => (await waiting(one)).length === 0);
    clearInterval(drained);
  });

  it('shrinks the batch of a handler that fails with many rows', async () => {
    const limit = 7;
    const counts: number[] = [];
    one.outbox.handle('a small one', (rows) => {
      counts.push(rows.length);
      return rows.length > limit ? Promise.reject(new Error('too many')) : Promise.resolve();
    });
    await one.outbox.addNow('a small one', Array.from({ length: 600 }, (_, number) => number));
    await until(async () => (await waiting(one)).length < 600);
    expect(counts.slice(0, 5)).toEqual([500, 125, 32, 8, 2]);
  });

  it('distributes rows among processes, each to one, and drains 10,000', async () => {
    await one.orders.place('first');
    await until(() => one.done.length === 1);
    const two = await start(database.url);
    const numbers = Array.from({ length: 10_000 }, (_, index) => index);
    await one.outbox.add('orders', numbers);
    await until(async () => (await waiting(one)).length === 0);
    const done = [...one.done, ...two.done].filter((each) => typeof each === 'number');
    expect(done.sort((a, b) => a - b)).toEqual(numbers);
    await two.module.close();
  });

  it('reports the depth and age of its backlog and whether a checkpoint is done', async () => {
    const started = performance.now();
    await one.outbox.add('elsewhere', [1, 2, 3]);
    const settled = await one.outbox.checkpoint('elsewhere');
    const later = await one.outbox.checkpoint('orders');
    const { count, oldestMs } = await one.outbox.depth('elsewhere');
    expect(count).toBe(3);
    expect(oldestMs).toBeGreaterThanOrEqual(0);
    expect(oldestMs).toBeLessThanOrEqual(performance.now() - started);
    expect([await settled(), await later()]).toEqual([false, true]);
    await one.query('DELETE FROM outbox');
    await one.outbox.add('elsewhere', [4]);
    expect(await settled()).toBe(true);
  });

  it('stores texts that PostgreSQL cannot, such as the zero character', async () => {
    await one.outbox.add('orders', ['\u0000 \ud800', { deep: ['\u0000'] }]);
    await until(() => one.done.length === 2);
    expect(one.done).toEqual(['\u0000 \ud800', { deep: ['\u0000'] }]);
  });

  it('needs one statement for all messages of one transaction', async () => {
    const entries = await one.outbox.transaction(async () => [
      ...(await one.outbox.add('elsewhere', [1])),
      ...(await one.outbox.add('orders', [2])),
      ...(await one.outbox.add('elsewhere', [3])),
    ]);
    const rows = await one.query<unknown>('SELECT id, cmin::text AS command FROM outbox ORDER BY id');
    expect(rows).toEqual(entries.map(({ id }) => ({ id, command: '0' })));
  });

  it('lets another process handle the rows of a crashed one', async () => {
    const dead = await start(database.url, () => new Promise<never>(() => undefined));
    await one.module.close();
    await dead.orders.place('soap');
    one = await start(database.url);
    await until(() => one.done.length === 1);
    await dead.module.close();
  });
});

describe('Outbox while PostgreSQL is unavailable', () => {
  let postgres: ProvidedServer;
  let one: Process;

  beforeAll(async () => {
    postgres = await providePostgres();
    one = await start(postgres.url);
  });
  afterAll(async () => {
    postgres.resume();
    await one.module.close();
    await postgres.drop();
  });

  it('continues after a restart of the server', async () => {
    await postgres.stop();
    await expect(one.outbox.add('orders', ['never'])).rejects.toThrow();
    await postgres.start();
    await until(() => one.orders.place('soap').then(() => true, () => false));
    await until(() => one.done.includes('soap'));
  });

  it('stops within a second although the server is frozen', async () => {
    postgres.pause();
    const elapsedMs = stopwatch();
    await one.outbox.beforeApplicationShutdown();
    await one.outbox.onApplicationShutdown();
    expect(elapsedMs()).toBeLessThan(1_100);
  });
});
