import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { SeededRandom } from '../../src/sample-data/random.js';
import type { Row } from './model.js';

export const CREATE_TABLE =
  'CREATE TABLE race (id int PRIMARY KEY, version int NOT NULL, by int NOT NULL) WITH (fillfactor = 50)';

/** The rows of a race in PostgreSQL. Each change increments the version; a missing row has version 0. */
@Injectable()
export class Ledger {
  /** Number of reads of rows for the cache. */
  loads = 0;
  random = new SeededRandom(0);

  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /** Reads a row; slowly in one of ten cases. */
  async load(id: number): Promise<Row> {
    this.loads += 1;
    await this.pause();
    const [row] = await this.txHost.tx.query<Row[]>('SELECT id, version, by FROM race WHERE id = $1', [id]);
    await (this.random.chance(0.1) ? sleep(this.random.integer(5, 25)) : this.pause());
    return row ?? { id, version: 0, by: 0 };
  }

  async write(id: number, by: number): Promise<Row> {
    await this.pause();
    const rows = await this.txHost.tx.query<Row[]>(
      `INSERT INTO race AS row VALUES ($1, 1, $2)
       ON CONFLICT (id) DO UPDATE SET version = row.version + 1, by = excluded.by RETURNING id, version, by`,
      [id, by],
    );
    await this.pause();
    return rows[0] as Row;
  }

  @Transactional()
  inTransaction<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  @Transactional(Propagation.Nested)
  atSavepoint<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  private async pause(): Promise<void> {
    if (this.random.chance(0.4)) await sleep(this.random.integer(0, 4));
    else if (this.random.chance(0.5)) await setImmediate();
  }
}
