import { Inject, Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { inTransaction } from './transaction.js';

/** A lock holder tried to write after a later holder had written. */
class StaleFenceError extends Error {
  constructor(name: string, fence: number) {
    super(`stale fencing token ${fence} for lock '${name}': a later holder has already used a newer one`);
    this.name = 'StaleFenceError';
  }
}

const ACCEPT = `
  INSERT INTO lock_fence (name, fence) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET fence = EXCLUDED.fence WHERE lock_fence.fence <= EXCLUDED.fence
  RETURNING fence
`;

/**
 * Prevents writes by a process that has lost its lock: each holder has a greater fencing token than those before it,
 * and the greatest token accepted so far is stored in PostgreSQL, where the data is written, not where the lock is.
 */
@Injectable()
export class FencingTokens {
  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /**
   * Accepts the fencing token of a lock, unless a greater one was accepted before. Call it first in the transaction
   * that writes the protected data; other calls for that name wait until the transaction ends. Read what the write
   * depends on afterwards: an earlier holder may have written until then.
   * @example `await this.fencingTokens.assertCurrent('views', fence);`
   * @throws StaleFenceError if a later holder's token was accepted; the transaction must roll back
   */
  async assertCurrent(name: string, fence: number): Promise<void> {
    if (!inTransaction()) throw new Error(`the fencing token of lock '${name}' needs a transaction; open one first`);
    const accepted = await this.txHost.tx.query<unknown[]>(ACCEPT, [name, fence]);
    if (accepted.length === 0) throw new StaleFenceError(name, fence);
  }
}
