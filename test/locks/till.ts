import { Injectable, Inject } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ConfigModule } from '../../src/config/index.js';
import { DatabaseModule, FencingTokens } from '../../src/database/index.js';
import { Locks, LocksModule, type LockHandle } from '../../src/locks/index.js';
import { RedisModule } from '../../src/redis/index.js';
import { testEnv, testingModule } from '../support/boot.js';
import type { TestServers } from '../support/test-servers.js';

/** An amount with read-modify-write updates, of which concurrent ones would be lost. */
@Injectable()
export class Till {
  constructor(
    private readonly locks: Locks,
    private readonly fences: FencingTokens,
    @Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>,
  ) {}

  async open(): Promise<void> {
    await this.txHost.tx.query('CREATE TABLE IF NOT EXISTS till (amount int, holder text)');
    await this.txHost.tx.query("DELETE FROM till; INSERT INTO till VALUES (0, 'nobody')");
  }

  async read(): Promise<{ amount: number; holder: string }> {
    const rows = await this.txHost.tx.query<{ amount: number; holder: string }[]>('SELECT * FROM till');
    return rows[0] ?? { amount: NaN, holder: 'nobody' };
  }

  /** Increments the amount under the lock; awaits `meanwhile` between read and write. */
  add(holder: string, meanwhile: (lock: LockHandle) => Promise<unknown>): Promise<void> {
    return this.locks.run('till', { ttl: '2s', wait: '20s' }, async (lock) => {
      const { amount } = await this.read();
      await meanwhile(lock);
      await this.write(amount + 1, holder, lock.fence);
    });
  }

  @Transactional()
  async write(amount: number, holder: string, fence: number): Promise<void> {
    await this.fences.assertCurrent('till', fence);
    await this.txHost.tx.query('UPDATE till SET amount = $1, holder = $2', [amount, holder]);
  }
}

export async function openTill(servers: TestServers): Promise<{ module: TestingModule; till: Till }> {
  const imports = [ConfigModule, DatabaseModule, RedisModule, LocksModule];
  const module = await testingModule({ imports, providers: [Till] }, testEnv(servers)).compile();
  await module.init();
  return { module, till: module.get(Till) };
}
