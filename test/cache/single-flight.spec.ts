import { v1, v2 } from './support/held-notes.js';
import { usePods } from './support/pods.js';
import { useRedis } from './support/suite.js';

describe('a value that several want at once', () => {
  const pods = usePods(useRedis());

  it('is loaded without being kept by who has waited long enough for another instance', async () => {
    const { a, b, apps } = pods;
    const slow = a.get(1);
    await a.source.started();
    const impatient = b.get(1);
    await b.source.answer(v2);
    expect(await impatient).toEqual(v2);
    expect(await apps[1].caches.get('notes').get(1)).toBeUndefined();
    await a.source.answer(v1);
    await slow;
    expect(await apps[1].caches.get('notes').get(1)).toEqual({ value: v1 });
    expect(apps[1].caches.stats()['notes']).toMatchObject({ waits: 1, waitTimeouts: 1 });
  });

  it('is not waited for by its own load', async () => {
    const { a, b } = pods;
    const alone = a.getByDetour(1);
    await a.source.answer(v1);
    expect(await alone).toEqual(v1);
    await a.evict(1);
    const elsewhere = b.get(1);
    await b.source.started();
    const meanwhile = a.getByDetour(1);
    await a.source.answer(v2);
    expect(await meanwhile).toEqual(v2);
    await b.source.answer(v2);
    await elsewhere;
  });
});
