import { Inject, Injectable } from '@nestjs/common';
import { Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { Cacheable, CacheEvict, CachePut, runWithCacheOutcome, currentCacheOutcome } from '../../src/cache/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import { provideDatabase } from '../support/services.js';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const key = (id: number) => id;
const rollback = new Error('rolled back');

@Injectable()
class Notes {
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

  @CacheEvict({ cache: 'notes', key })
  @Transactional()
  async write(id: number, text: string): Promise<void> {
    await this.query('UPDATE note SET text = $2 WHERE id = $1', [id, text]);
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

  private query<T>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return this.txHost.tx.query(sql, parameters);
  }
}

describe('the cache and transactions', () => {
  const redis = useRedis();
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let app: CacheApp;
  let notes: Notes;

  beforeAll(async () => {
    database = await provideDatabase();
    app = await createCacheApp({
      redisUrl: redis.server.url,
      databaseUrl: database.url,
      imports: [DatabaseModule],
      providers: [Notes],
    });
    notes = app.get(Notes);
  });
  redis.beforeDrop(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(() => notes.create());

  const kept = (id: number) => app.caches.get('notes').get(id);

  it('103 acts at once outside of transactions', async () => {
    await notes.get(1);
    await notes.write(1, 'new');
    expect(await kept(1)).toBeUndefined();
    await notes.replace(2, 'new');
    expect(await kept(2)).toEqual({ value: 'new' });
    await notes.clear();
    expect(await kept(2)).toBeUndefined();
  });

  it('104 shows put, evict and clear only after the commit', async () => {
    await Promise.all([notes.get(1), notes.get(2)]);
    await notes.within(async () => {
      await notes.write(1, 'new');
      await notes.replace(2, 'new');
      expect([await kept(1), await kept(2)]).toEqual([{ value: 'old' }, { value: 'old' }]);
    });
    expect([await kept(1), await kept(2)]).toEqual([undefined, { value: 'new' }]);
    await notes.within(async () => {
      await notes.clear();
      expect(await kept(2)).toEqual({ value: 'new' });
    });
    expect(await kept(2)).toBeUndefined();
  });

  it('105 evicts before the invocation now, and again after the commit', async () => {
    await notes.get(1);
    await notes.writeEvictingEarly(1, 'new', async () => {
      expect(await kept(1)).toBeUndefined();
      // Somebody else reads before the commit, and keeps what is then old.
      await app.caches.get('notes').put(1, 'old');
    });
    expect(await notes.get(1)).toBe('new');
  });

  it('106 drops what was deferred when the transaction rolls back', async () => {
    await notes.get(1);
    const work = async () => {
      await notes.write(1, 'never');
      await notes.replace(2, 'never');
      throw rollback;
    };
    await expect(notes.within(work)).rejects.toBe(rollback);
    expect([await kept(1), await kept(2)]).toEqual([{ value: 'old' }, undefined]);
  });

  it('107 drops only what belongs to a savepoint that rolls back', async () => {
    await Promise.all([notes.get(1), notes.get(2)]);
    await notes.within(async () => {
      await notes.write(1, 'new');
      const work = async () => {
        await notes.write(2, 'never');
        throw rollback;
      };
      await expect(notes.atSavepoint(work)).rejects.toBe(rollback);
    });
    expect([await kept(1), await kept(2)]).toEqual([undefined, { value: 'old' }]);
  });

  it('108 neither reads nor fills the cache inside a transaction (hole 7)', async () => {
    await notes.get(2);
    const work = async () => {
      await notes.write(1, 'uncommitted');
      await notes.write(2, 'uncommitted');
      expect([await notes.get(1), await notes.get(2)]).toEqual(['uncommitted', 'uncommitted']);
      throw rollback;
    };
    await expect(notes.within(work)).rejects.toBe(rollback);
    expect(await kept(1)).toBeUndefined();
    expect([await notes.get(1), await notes.get(2)]).toEqual(['old', 'old']);
  });

  it('tells a bypass inside a transaction', async () => {
    const outcome = await runWithCacheOutcome(async () => {
      await notes.within(() => notes.get(1));
      return currentCacheOutcome();
    });
    expect(outcome).toBe('BYPASS');
  });

  it('gives a reader between change and commit the old value, and every later one the new (hole 6)', async () => {
    await notes.within(async () => {
      await notes.write(1, 'new');
      // On another connection, outside of this transaction.
      const meanwhile = await app.caches.get('outside').getOrLoad('x', () => notes.get(1));
      expect(meanwhile).toBe('old');
      expect(await kept(1)).toEqual({ value: 'old' });
    });
    expect(await notes.get(1)).toBe('new');
  });

  it('lets a load that others may share know nothing of the transaction of its caller (hole 20)', async () => {
    await expect(
      notes.within(async () => {
        await notes.write(1, 'uncommitted');
        expect(await app.caches.get('outside').getOrLoad('y', () => notes.get(1))).toBe('old');
        throw rollback;
      }),
    ).rejects.toBe(rollback);
  });
});
