import { setTimeout as sleep } from 'node:timers/promises';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { caller, Notes, v1, v2 } from './support/held-notes.js';
import { useRedis } from './support/suite.js';

describe('a value that several want at once', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Notes, Notes] = [new Notes(), new Notes()];

  beforeEach(async () => {
    const options = { redisUrl: redis.server.url, providers: [Notes] };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Notes), pods[1].get(Notes)];
  });
  afterEach(() => Promise.all(pods.map((pod) => pod.close())));

  it('is loaded once for all callers of both instances (hole 45)', async () => {
    const callers = Array.from({ length: 50 }, (_each, index) => (index % 2 === 0 ? a : b).get(1));
    while (a.source.runs + b.source.runs === 0) await sleep(1);
    await sleep(30);
    await (a.source.runs > 0 ? a : b).source.answer(v1);
    expect(await Promise.all(callers)).toEqual(Array(50).fill(v1));
    expect(a.source.runs + b.source.runs).toBe(1);
  });

  it('is loaded without being kept by who has waited long enough for another instance', async () => {
    const slow = a.get(1);
    await a.source.started();
    const impatient = b.get(1);
    await b.source.answer(v2);
    expect(await impatient).toEqual(v2);
    expect(await pods[1].caches.get('notes').get(1)).toBeUndefined();
    await a.source.answer(v1);
    await slow;
    expect(await pods[1].caches.get('notes').get(1)).toEqual({ value: v1 });
    expect(pods[1].caches.stats()['notes']).toMatchObject({ waits: 1, waitTimeouts: 1 });
  });

  it('is not waited for by its own load', async () => {
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

  it('fails for all who share the load, with the same error, and for nobody after (hole 32)', async () => {
    for (const error of [new Error('lost'), undefined]) {
      const callers = [a.get(1), a.get(1)];
      await a.source.started();
      await sleep(5);
      await a.source.fail(error);
      const settled = await Promise.allSettled(callers);
      expect(settled).toEqual(Array(2).fill({ status: 'rejected', reason: error }));
    }
    const fresh = a.get(1);
    await a.source.answer(v2);
    expect(await fresh).toEqual(v2);
  });

  it('is loaded outside of the context of the caller who happened to be first (hole 20)', async () => {
    const first = caller.run('alice', () => a.get(1));
    await a.source.answer(v1);
    await first;
    expect(a.source.callers).toEqual([undefined]);
    const changed = caller.run('alice', () => a.put(1));
    await a.source.answer(v2);
    await changed;
    expect(a.source.callers).toEqual([undefined, 'alice']);
  });
});
