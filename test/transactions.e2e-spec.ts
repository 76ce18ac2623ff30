import { Inject, Injectable, Module } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { isUnavailable } from '../src/common/index.js';
import { ConfigModule } from '../src/config/index.js';
import { afterCommit, DatabaseModule, inTransaction } from '../src/database/index.js';
import { testEnv, testingModule } from './support/boot.js';
import { provideDatabase } from './support/services.js';

type Host = TransactionHost<TransactionalAdapterTypeOrm>;

@Injectable()
class Notes {
  readonly messages: string[] = [];

  constructor(@Inject(TransactionHost) private readonly txHost: Host) {}

  @Transactional()
  async write(text: string, fail = false): Promise<void> {
    await this.txHost.tx.query('INSERT INTO note (text) VALUES ($1)', [text]);
    await this.recordAfterCommit(text);
    if (fail) throw new Error('refused');
  }

  @Transactional(Propagation.Nested)
  async writeAtSavepoint(text: string, fail: boolean): Promise<void> {
    await this.write(text, fail);
  }

  @Transactional()
  async writeTwo(secondFails: boolean): Promise<void> {
    await this.write('first');
    await this.writeAtSavepoint('second', secondFails).catch(() => undefined);
    expect(this.messages).toEqual([]);
  }

  @Transactional()
  async loseConnection(): Promise<void> {
    const rows = await this.txHost.tx.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
    await this.txHost.withoutTransaction(() => this.txHost.tx.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await this.write('lost');
  }

  @Transactional()
  within(work: () => Promise<void>): Promise<void> {
    return work();
  }

  /** Records the rows that a new connection sees when the callback runs. */
  async recordAfterCommit(text: string): Promise<void> {
    await afterCommit(async () => {
      const rows: unknown[] = await this.txHost.tx.query('SELECT 1 FROM note WHERE text = $1', [text]);
      this.messages.push(`${text}: ${rows.length} row, ${inTransaction() ? 'inside' : 'outside'}`);
    });
  }
}

@Module({ imports: [ConfigModule, DatabaseModule], providers: [Notes] })
class NotesModule {}

describe('afterCommit', () => {
  it('runs all callbacks even if one throws, and reports the error', async () => {
    const failing = async () => {
      await afterCommit(() => Promise.reject(new Error('first')));
      await afterCommit(() => Promise.reject(new Error('second')));
      await notes.write('after all');
    };
    await expect(notes.within(failing)).rejects.toThrow('first');
    expect(notes.messages).toEqual(['after all: 1 row, outside']);
  });

  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let module: TestingModule;
  let notes: Notes;

  beforeAll(async () => {
    database = await provideDatabase();
    module = await testingModule({ imports: [NotesModule] }, testEnv({ databaseUrl: database.url })).compile();
    await module.init();
    notes = module.get(Notes);
    await module.get<Host>(TransactionHost).tx.query('CREATE TABLE note (text text)');
  });
  afterAll(async () => {
    await module.close();
    await database.drop();
  });
  beforeEach(async () => {
    notes.messages.length = 0;
    await module.get<Host>(TransactionHost).tx.query('TRUNCATE note');
  });

  it('runs after the commit, before the method returns', async () => {
    await notes.write('alone');
    expect(notes.messages).toEqual(['alone: 1 row, outside']);
  });

  it('runs immediately outside a transaction', async () => {
    await notes.recordAfterCommit('nothing');
    expect(notes.messages).toEqual(['nothing: 0 row, outside']);
  });

  it('is dropped on rollback', async () => {
    await expect(notes.write('undone', true)).rejects.toThrow('refused');
    expect(notes.messages).toEqual([]);
  });

  it('waits for the outermost commit', async () => {
    await notes.writeTwo(false);
    expect(notes.messages).toEqual(['first: 1 row, outside', 'second: 1 row, outside']);
  });

  it('is dropped by a rollback to its savepoint only', async () => {
    await notes.writeTwo(true);
    expect(notes.messages).toEqual(['first: 1 row, outside']);
  });

  it('is dropped when the connection breaks, which is reported as an outage', async () => {
    const error: unknown = await notes.loseConnection().catch((reason: unknown) => reason);
    expect(isUnavailable(error)).toBe(true);
    expect(notes.messages).toEqual([]);
    await notes.write('after');
    expect(notes.messages).toEqual(['after: 1 row, outside']);
  });
});
