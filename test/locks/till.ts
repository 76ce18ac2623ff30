import { Injectable, Inject } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ConfigModule, Env, loadEnv } from '../../src/config/index.js';
import { DatabaseModule, FencingTokens } from '../../src/database/index.js';
import { Locks, LocksModule, type LockHandle } from '../../src/locks/index.js';
import { RedisModule } from '../../src/redis/index.js';
import type { TestServers } from '../support/test-servers.js';

/** An amount that is read, thought about, and written back: two at a time lose money. */
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

  /** Under the lock: reads, thinks, writes. */
  add(holder: string, think: (hold: LockHandle) => Promise<unknown>): Promise<void> {
    return this.locks.run('till', { ttl: '2s', wait: '20s' }, async (hold) => {
      const { amount } = await this.read();
      await think(hold);
      await this.write(amount + 1, holder, hold.fence);
    });
  }

  @Transactional()
  async write(amount: number, holder: string, fence: number): Promise<void> {
    await this.fences.assertCurrent('till', fence);
    await this.txHost.tx.query('UPDATE till SET amount = $1, holder = $2', [amount, holder]);
  }
}

export async function openTill({ databaseUrl, redisUrl }: TestServers): Promise<{ module: TestingModule; till: Till }> {
  const jwtKeys = 'only-for-tests-Tq7vXk2MzR9bWc4LdN8sH';
  const env = loadEnv({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, JWT_KEYS: jwtKeys });
  const imports = [ConfigModule, DatabaseModule, RedisModule, LocksModule];
  const builder = Test.createTestingModule({ imports, providers: [Till] }).overrideProvider(Env).useValue(env);
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const module = await builder.setLogger(silent).compile();
  await module.init();
  return { module, till: module.get(Till) };
}
