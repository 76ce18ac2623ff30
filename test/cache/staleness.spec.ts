import { setTimeout as sleep } from 'node:timers/promises';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Cacheable, CacheEvict, CachePut, type CacheCall } from '../../src/cache/index.js';
import type { Lease, Life, PutTicket, Reading } from '../../src/cache/storage/cache-storage.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

interface Note {
  id: number;
  text: string;
}

const key = (id: number) => id;
const caller = new AsyncLocalStorage<string>();

/** A source whose answers the test gives, one for each run of a method. */
class Source {
  private readonly waiting: { resolve: (value: never) => void; reject: (error: unknown) => void }[] = [];
  runs = 0;
  readonly callers: (string | undefined)[] = [];

  ask<T>(): Promise<T> {
    this.runs += 1;
    this.callers.push(caller.getStore());
    return new Promise<T>((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Answers the run that has waited longest, once there is one. */
  async answer(value: unknown): Promise<void> {
    (await this.next()).resolve(value as never);
  }

  async fail(error: unknown): Promise<void> {
    (await this.next()).reject(error);
  }

  private async next() {
    for (;;) {
      const first = this.waiting.shift();
      if (first !== undefined) return first;
      await sleep(1);
    }
  }
}

@Injectable()
class Notes {
  readonly source = new Source();

  @Cacheable({ cache: 'notes', key, tags: (id: number) => [`note:${id}`] })
  get(_id: number): Promise<Note> {
    return this.source.ask();
  }

  @Cacheable({
    cache: 'notes',
    key: (id: number) => ['tagged by its result', id],
    tags(this: CacheCall<Note>) {
      return [`text:${this.result.text}`, `note:${this.result.id}`];
    },
  })
  getTaggedByResult(_id: number): Promise<Note> {
    return this.source.ask();
  }

  /** Asks for the entry that it is loading. */
  @Cacheable({ cache: 'notes', key, tags: (id: number) => [`note:${id}`] })
  async getByDetour(id: number): Promise<Note> {
    return this.get(id);
  }

  @CacheEvict({ cache: 'notes', key })
  evict(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @CacheEvict({ cache: 'notes', allEntries: true })
  evictAll(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @CacheEvict({ cache: 'notes', tags: (id: number) => [`note:${id}`] })
  evictTag(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @CachePut({ cache: 'notes', key })
  put(_id: number): Promise<Note> {
    return this.source.ask();
  }

  @CachePut({
    cache: 'notes',
    key(this: CacheCall<Note>) {
      return this.result.id;
    },
  })
  create(): Promise<Note> {
    return this.source.ask();
  }
}

const [v1, v2] = [
  { id: 1, text: 'v1' },
  { id: 1, text: 'v2' },
];

describe('a value that changes while it is loaded', () => {
  const redis = useRedis();
  let pods: [CacheApp, CacheApp];
  let [a, b]: [Notes, Notes] = [new Notes(), new Notes()];

  beforeEach(async () => {
    const options = { redisUrl: redis.server.url, providers: [Notes] };
    pods = [await createCacheApp(options), await createCacheApp(options)];
    [a, b] = [pods[0].get(Notes), pods[1].get(Notes)];
  });
  afterEach(() => Promise.all(pods.map((pod) => pod.close())));

  const evicts = ['evict', 'evictAll', 'evictTag'] as const;

  it.each(evicts)('is not kept when it was evicted meanwhile, by %s (holes 1, 3)', async (evict) => {
    const old = a.get(1);
    await started(a.source);
    await a[evict](1);
    await a.source.answer(v1);
    expect(await old).toEqual(v1);
    await readsNew(a, 'get');
  });

  it.each(evicts)('is not kept when another instance evicted it, by %s (hole 4)', async (evict) => {
    const old = a.get(1);
    await started(a.source);
    await b[evict](1);
    await a.source.answer(v1);
    await old;
    await readsNew(b, 'get');
  });

  it.each(['evictAll', 'evictTag'] as const)('is not kept when only its result tells its tags (%s)', async (evict) => {
    const old = a.getTaggedByResult(1);
    await started(a.source);
    await b[evict](1);
    await a.source.answer(v1);
    await old;
    await readsNew(a, 'getTaggedByResult');
  });

  it.each(evicts)('is loaded anew for who comes after the evict, though the old load runs on (%s)', async (evict) => {
    const old = a.get(1);
    await started(a.source);
    await a[evict](1);
    const [fresh, elsewhere] = [a.get(1), b.get(1)];
    await started(a.source, 2);
    await a.source.answer(v1);
    await a.source.answer(v2);
    expect(await Promise.all([old, fresh, elsewhere])).toEqual([v1, v2, v2]);
    expect(b.source.runs).toBe(0);
  });

  it.each(['put', 'create'] as const)('is not kept when a put of another came first (%s, hole 5)', async (method) => {
    const [older, newer] = [a[method](1), b.put(1)];
    await Promise.all([started(a.source), started(b.source)]);
    await b.source.answer(v2);
    await newer;
    await a.source.answer(v1);
    await older;
    await readsNew(a, 'get');
  });

  it('is not put when it was evicted meanwhile', async () => {
    const put = a.put(1);
    await started(a.source);
    await b.evictTag(2);
    await b.evictAll(1);
    await a.source.answer(v1);
    await put;
    await readsNew(a, 'get');
  });

  it('is put though other entries of the cache are written at the same time', async () => {
    const puts = [1, 2, 3].map((id) => a.put(id));
    await started(a.source, 3);
    for (const id of [1, 2, 3]) await a.source.answer({ id, text: 'put' });
    await Promise.all(puts);
    expect(pods[0].caches.stats()['notes']).toMatchObject({ puts: 3, refused: 0 });
  });

  describe('without its guard', () => {
    class WithoutLeases extends RedisStorage {
      override async fill({ cache, key: address }: Lease, bytes: Buffer, life: Life): Promise<boolean> {
        return this.put(await this.beginPut(cache, address, life.tags), address, bytes, life);
      }
    }
    class WithoutPutGuards extends RedisStorage {
      override async put(ticket: PutTicket, address: string, bytes: Buffer, life: Life): Promise<boolean> {
        return super.put(await this.beginPut(ticket.cache, address, life.tags), address, bytes, life);
      }
    }
    class WithoutWritesStamp extends RedisStorage {
      override read(cache: string, address: string, tags: readonly string[] | undefined): Promise<Reading> {
        return super.read(cache, address, tags ?? []);
      }
    }

    it.each([
      ['the lease', WithoutLeases, 'get', 'evict'],
      ['the put stamp', WithoutPutGuards, 'put', 'put'],
      ['the writes stamp', WithoutWritesStamp, 'getTaggedByResult', 'evictTag'],
    ] as const)('%s, the old value would be kept', async (_guard, Storage, read, change) => {
      const connection = new Redis(redis.server.url);
      const overrides = [{ token: RedisStorage, value: new Storage(connection, 10_000) }];
      const app = await createCacheApp({ redisUrl: redis.server.url, providers: [Notes], overrides });
      const notes = app.get(Notes);
      const old = notes[read](1);
      await started(notes.source);
      const changed = b[change](1);
      if (change === 'put') await b.source.answer(v2);
      await changed;
      await notes.source.answer(v1);
      await old;
      expect(await notes[read === 'put' ? 'get' : read](1)).toEqual(v1);
      await app.close();
      connection.disconnect();
    });
  });

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
    await started(a.source);
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
    await started(b.source);
    const meanwhile = a.getByDetour(1);
    await a.source.answer(v2);
    expect(await meanwhile).toEqual(v2);
    await b.source.answer(v2);
    await elsewhere;
  });

  it('fails for all who share the load, with the same error, and for nobody after (hole 32)', async () => {
    for (const error of [new Error('lost'), undefined]) {
      const callers = [a.get(1), a.get(1)];
      await started(a.source);
      await sleep(5);
      await a.source.fail(error);
      const settled = await Promise.allSettled(callers);
      expect(settled).toEqual(Array(2).fill({ status: 'rejected', reason: error }));
    }
    await readsNew(a, 'get');
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

  async function started(source: Source, runs = 1): Promise<void> {
    while (source.runs < runs) await sleep(1);
  }

  async function readsNew(notes: Notes, method: 'get' | 'getTaggedByResult'): Promise<void> {
    const fresh = notes[method](1);
    await notes.source.answer(v2);
    expect(await fresh).toEqual(v2);
    expect(await notes[method](1)).toEqual(v2);
  }
});
