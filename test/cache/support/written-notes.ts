import { Inject, Injectable } from '@nestjs/common';
import { Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { Cacheable, CacheEvict, CachePut, Caching } from '../../../src/cache/index.js';

const key = (id: number) => id;

/** Cached notes in a table of PostgreSQL. */
@Injectable()
export class WrittenNotes {
  attempts = 0;

  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  async create(): Promise<void> {
    await this.query('CREATE TABLE IF NOT EXISTS note (id int PRIMARY KEY, text text)');
    await this.query("INSERT INTO note VALUES (1, 'old'), (2, 'old') ON CONFLICT (id) DO UPDATE SET text = 'old'");
  }

  @Cacheable({ cache: 'notes', key })
  async get(id: number): Promise<string | undefined> {
    const rows = await this.query<{ text: string }>('SELECT text FROM note WHERE id = $1', [id]);
    return rows[0]?.text;
  }

  @Caching({ evict: [{ cache: 'notes', key }, { cache: 'lists', allEntries: true }] })
  @Transactional()
  async write(id: number, text: string): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
  }

  /** It is not transactional itself: the evict makes it so. */
  @CacheEvict({ cache: 'notes', key })
  async writeThenFail(id: number, text: string): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    throw new Error('after the change');
  }

  @CachePut({ cache: 'notes', key })
  @Transactional()
  async replace(id: number, text: string): Promise<string> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    return text;
  }

  @CacheEvict({ cache: 'notes', key, beforeInvocation: true })
  @Transactional()
  async writeEvictingEarly(id: number, text: string, meanwhile: () => Promise<unknown>): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    await meanwhile();
  }

  /** PostgreSQL sacrifices its transaction twice. */
  @CacheEvict({ cache: 'notes', key })
  @Transactional()
  async writeAtThirdAttempt(id: number, text: string): Promise<void> {
    this.attempts += 1;
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
    await this.write(2, text);
    if (this.attempts < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
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
