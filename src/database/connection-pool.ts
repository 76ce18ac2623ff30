import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';

/** How the connections of this process to PostgreSQL are used at one moment. */
export interface PoolStats {
  readonly idle: number;
  readonly busy: number;
  /** The most there may be. */
  readonly max: number;
  /** Callers for whom there is no connection yet. */
  readonly waiting: number;
}

/** Tells how the connections to PostgreSQL are used. */
@Injectable()
export class ConnectionPool {
  constructor(private readonly dataSource: DataSource) {}

  stats(): PoolStats {
    const { master } = this.dataSource.driver as unknown as { readonly master: pg.Pool };
    const { totalCount, idleCount: idle, waitingCount: waiting, options } = master;
    return { idle, busy: totalCount - idle, max: options.max, waiting };
  }
}
