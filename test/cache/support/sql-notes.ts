import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { Cacheable, CacheEvict, CachePut, Caching } from '../../../src/cache/index.js';
import { DatabaseModule } from '../../../src/database/index.js';
import { provideDatabase } from '../../support/services.js';
import { createCacheApp, type CacheApp } from './cache-app.js';
import type { RedisSuite } from './suite.js';

const key = (id: number) => id;

/** Notes in PostgreSQL, cached. */
@Injectable()
export class SqlNotes {
  /** Calls of `writeAtThirdAttempt`. */
  attempts = 0;

  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /** Notes 1 and 2, both `old`. */
  async create(): Promise<void> {
    await this.query('CREATE TABLE IF NOT EXISTS note (id int PRIMARY KEY, text text)');
    await this.query("INSERT INTO note VALUES (1, 'old'), (2, 'old') ON CONFLICT (id) DO UPDATE SET text = 'old'");
  }

  @Cacheable({ cache: 'notes', key })
  async get(id: number): Promise<string | undefined> {
    const rows = await this.query<{ text: string }>('SELECT text FROM note WHERE id = $1', [id]);
    return rows[0]?.text;
  }

  @CacheEvict({ cache: 'notes', key })
  @Transactional()
  async write(id: number, text: string): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
  }

  @Caching({ evict: [{ cache: 'notes', key }, { cache: 'lists', allEntries: true }] })
  @Transactional()
  async writeWithLists(id: number, text: string): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
  }

  /** Is not transactional itself: its eviction makes it so. */
  @CacheEvict({ cache: 'notes', key })
  async writeThenFail(id: number, text: string): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    throw new Error('after the change');
  }

  /** Deadlocks in its first two attempts. */
  @CacheEvict({ cache: 'notes', key })
  @Transactional()
  async writeAtThirdAttempt(id: number, text: string): Promise<void> {
    this.attempts += 1;
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    await this.writeWithLists(2, text);
    if (this.attempts < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
  }

  @Transactional()
  @CacheEvict({ cache: 'notes', key, beforeInvocation: true })
  async writeEvictingEarly(id: number, text: string, meanwhile: () => Promise<unknown>): Promise<void> {
    await meanwhile();
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
  }

  @CachePut({ cache: 'notes', key })
  @Transactional()
  async replace(id: number, text: string): Promise<string> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    return text;
  }

  @CacheEvict({ cache: 'notes', allEntries: true })
  clear(): Promise<void> {
    return Promise.resolve();
  }

  @Transactional()
  within<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  @Transactional(Propagation.Nested)
  atSavepoint<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  query<T>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return this.txHost.tx.query(sql, parameters);
  }
}

/** An application with notes in a database of its own; both notes are `old` at the start of each test. */
export interface SqlNotesSuite {
  readonly app: CacheApp;
  readonly notes: SqlNotes;
  /** The cached entry of a note. */
  cached(id: number): Promise<{ readonly value: unknown } | undefined>;
}

export function useSqlNotes(suite: RedisSuite): SqlNotesSuite {
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let app: CacheApp;
  beforeAll(async () => {
    database = await provideDatabase();
    app = await createCacheApp({
      redisUrl: suite.server.url,
      databaseUrl: database.url,
      imports: [DatabaseModule],
      providers: [SqlNotes],
    });
  });
  suite.beforeDrop(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(() => app.get(SqlNotes).create());
  return {
    get app() {
      return app;
    },
    get notes() {
      return app.get(SqlNotes);
    },
    cached: (id) => app.caches.get('notes').get(id),
  };
}

/** Runs work as another caller would: outside of every transaction and request. */
export const asAnotherCaller = AsyncLocalStorage.snapshot() as <T>(work: () => T) => T;
