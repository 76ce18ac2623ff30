import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';

/** Snapshot of this process's connections to PostgreSQL. */
export interface PoolStats {
  readonly idle: number;
  readonly busy: number;
  /** Maximum number of connections. */
  readonly max: number;
  /** Number of callers that wait for a connection. */
  readonly waiting: number;
}

/** Reports the use of the connection pool to PostgreSQL. */
@Injectable()
export class ConnectionPool {
  constructor(private readonly dataSource: DataSource) {}

  stats(): PoolStats {
    const { master } = this.dataSource.driver as unknown as { readonly master: pg.Pool };
    const { totalCount, idleCount: idle, waitingCount: waiting, options } = master;
    return { idle, busy: totalCount - idle, max: options.max, waiting };
  }
}
