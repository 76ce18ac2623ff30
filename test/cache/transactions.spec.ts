import { currentCacheStatus, runWithCacheStatus } from '../../src/cache/index.js';
import { useSqlNotes, type SqlNotes } from './support/sql-notes.js';
import { useRedis } from './support/suite.js';

const rollback = new Error('rolled back');

describe('cache operations in a transaction', () => {
  const suite = useSqlNotes(useRedis());
  const { cached } = suite;
  let notes: SqlNotes;
  beforeEach(() => {
    notes = suite.notes;
  });

  it('conformance 103: take effect immediately outside a transaction', async () => {
    await notes.get(1);
    await notes.write(1, 'new');
    expect(await cached(1)).toBeUndefined();
    await notes.replace(2, 'new');
    expect(await cached(2)).toEqual({ value: 'new' });
    await notes.clear();
    expect(await cached(2)).toBeUndefined();
  });

  it('conformance 104: are invisible until the commit', async () => {
    await Promise.all([notes.get(1), notes.get(2)]);
    await notes.within(async () => {
      await notes.write(1, 'new');
      await notes.replace(2, 'new');
      expect([await cached(1), await cached(2)]).toEqual([{ value: 'old' }, { value: 'old' }]);
    });
    expect([await cached(1), await cached(2)]).toEqual([undefined, { value: 'new' }]);
    await notes.within(async () => {
      await notes.clear();
      expect(await cached(2)).toEqual({ value: 'new' });
    });
    expect(await cached(2)).toBeUndefined();
  });

  it('conformance 105: evict with beforeInvocation immediately and again after the commit', async () => {
    await notes.get(1);
    await notes.writeEvictingEarly(1, 'new', async () => {
      expect(await cached(1)).toBeUndefined();
      // Another caller reads before the commit and caches the old value.
      await suite.app.caches.get('notes').put(1, 'old');
    });
    expect(await notes.get(1)).toBe('new');
  });

  it('conformance 106: are dropped on rollback', async () => {
    await notes.get(1);
    const work = async () => {
      await notes.write(1, 'never');
      await notes.replace(2, 'never');
      throw rollback;
    };
    await expect(notes.within(work)).rejects.toBe(rollback);
    expect([await cached(1), await cached(2)]).toEqual([{ value: 'old' }, undefined]);
  });

  it('conformance 107: are dropped with the savepoint that is rolled back, and only those', async () => {
    await Promise.all([notes.get(1), notes.get(2)]);
    await notes.within(async () => {
      await notes.write(1, 'new');
      const work = async () => {
        await notes.write(2, 'never');
        throw rollback;
      };
      await expect(notes.atSavepoint(work)).rejects.toBe(rollback);
    });
    expect([await cached(1), await cached(2)]).toEqual([undefined, { value: 'old' }]);
  });

  it.each<[string, (own: SqlNotes) => Promise<unknown>, unknown]>([
    ['an eviction', (own) => own.write(1, 'new'), undefined],
    ['an eviction of everything', (own) => own.clear(), undefined],
    ['another put', (own) => own.replace(1, 'new'), { value: 'new' }],
  ])('never publish a put that the same transaction supersedes by %s', async (_change, supersede, after) => {
    const { puts = 0 } = suite.app.caches.stats()['notes'] ?? {};
    await notes.within(async () => {
      await notes.replace(1, 'never committed');
      await supersede(notes);
    });
    expect(suite.app.caches.stats()['notes']).toMatchObject({ puts: after === undefined ? puts : puts + 1 });
    expect(await cached(1)).toEqual(after);
  });

  it('conformance 108: neither read nor fill the cache', async () => {
    await notes.get(2);
    const work = async () => {
      await notes.write(1, 'uncommitted');
      await notes.write(2, 'uncommitted');
      expect([await notes.get(1), await notes.get(2)]).toEqual(['uncommitted', 'uncommitted']);
      throw rollback;
    };
    await expect(notes.within(work)).rejects.toBe(rollback);
    expect(await cached(1)).toBeUndefined();
    expect([await notes.get(1), await notes.get(2)]).toEqual(['old', 'old']);
  });

  it('report the outcome BYPASS', async () => {
    const outcome = await runWithCacheStatus(async () => {
      await notes.within(() => notes.get(1));
      return currentCacheStatus();
    });
    expect(outcome).toBe('BYPASS');
  });
});
