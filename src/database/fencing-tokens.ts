import { Inject, Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { inTransaction } from './transaction.js';

/** A holder of a lock wants to write, and one after it has written already. */
export class StaleFenceError extends Error {
  constructor(name: string, fence: number) {
    super(`number ${fence} of lock '${name}' is behind that of a later holder; its work is in vain`);
    this.name = 'StaleFenceError';
  }
}

const PASS = `
  INSERT INTO lock_fence (name, fence) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET fence = EXCLUDED.fence WHERE lock_fence.fence <= EXCLUDED.fence
  RETURNING fence
`;

/**
 * Keeps who has lost a lock from writing: each holder has a greater number than those before it, and the greatest that
 * has passed is remembered here, where the writing is done, not where the lock is.
 */
@Injectable()
export class FencingTokens {
  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /**
   * To be called first in the transaction that writes what the lock is for; others under that name wait until it ends.
   * What the write depends on is read after it: an earlier holder may have written until then.
   * @example `await this.fences.pass('views', fence);`
   * @throws StaleFenceError when a later holder has passed; the transaction is to roll back
   */
  async assertCurrent(name: string, fence: number): Promise<void> {
    if (!inTransaction()) throw new Error(`lock '${name}' can only be passed on to a transaction; open one first`);
    const passed = await this.txHost.tx.query<unknown[]>(PASS, [name, fence]);
    if (passed.length === 0) throw new StaleFenceError(name, fence);
  }
}
