import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import type { FindOperator } from 'typeorm';
import type { Place } from './place.entity.js';
import { PlacesRepository } from './places.repository.js';

type Query = (ids: number[]) => Promise<Partial<Place>[]>;

/** A repository whose only query is that of `find`; `query` receives the ids and returns the rows. */
function repositoryWith(query: Query): PlacesRepository {
  const findBy = ({ id }: { id: FindOperator<number> }) => query(id.value as unknown as number[]);
  const host = {
    withoutTransaction: <T>(work: () => T) => work(),
    tx: { getRepository: () => ({ findBy }) },
  };
  return new PlacesRepository(host as unknown as TransactionHost<TransactionalAdapterTypeOrm>);
}

describe('PlacesRepository.find', () => {
  const queries: number[][] = [];
  const places = repositoryWith((ids) => {
    queries.push(ids);
    // In another order than asked for, as a database may.
    return Promise.resolve(ids.filter((id) => id > 0).map((id) => ({ id, name: `#${id}` })).reverse());
  });

  beforeEach(() => queries.splice(0));

  it('reads the places of one event-loop turn in one query, each once', async () => {
    const found = await Promise.all([1, 2, 2, 3].map((id) => places.find(id)));
    expect(found.map((place) => place?.name)).toEqual(['#1', '#2', '#2', '#3']);
    expect(queries).toEqual([[1, 2, 3]]);
  });

  it('reads the places of a whole page and more in one query', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
    await Promise.all(ids.map((id) => places.find(id)));
    expect(queries).toEqual([ids]);
  });

  it('returns undefined for an id without a place', async () => {
    expect(await Promise.all([places.find(-1), places.find(1)])).toEqual([undefined, { id: 1, name: '#1' }]);
  });

  it('reads again what it has read before', async () => {
    await places.find(1);
    await places.find(1);
    expect(queries).toEqual([[1], [1]]);
  });

  it('gives no caller a value whose query began before the call', async () => {
    let finish: () => void = () => undefined;
    let count = 0;
    const slow = repositoryWith(async (ids) => {
      count += 1;
      const name = `read ${count}`;
      await new Promise<void>((resolve) => (finish = resolve));
      return ids.map((id) => ({ id, name }));
    });
    const early = slow.find(1);
    await nextTurn();
    const late = slow.find(1);
    finish();
    expect((await early)?.name).toBe('read 1');
    await nextTurn();
    finish();
    expect((await late)?.name).toBe('read 2');
  });

  it('rejects for all callers of a failed query, and works for the next', async () => {
    let isHealthy = false;
    const flaky = repositoryWith((ids) =>
      isHealthy ? Promise.resolve(ids.map((id) => ({ id }))) : Promise.reject(new Error('unavailable')),
    );
    const outcomes = await Promise.allSettled([flaky.find(1), flaky.find(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isHealthy = true;
    expect(await flaky.find(1)).toEqual({ id: 1 });
  });
});
