import { Injectable } from '@nestjs/common';
import { Cacheable, CacheConfig, CacheEvict, CachePut } from '../../src/cache/index.js';
import { namings, useCacheApp, useRedis, type Naming } from './support/suite.js';

/** A promise that the test settles. */
class Deferred<T> {
  settle: (value: T) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.settle = resolve;
    this.fail = reject;
  });
}

function createService({ on, config }: Naming, sync: boolean) {
  @Injectable()
  @CacheConfig(config)
  class AsyncService {
    runs = 0;
    next = new Deferred<unknown>();

    @Cacheable({ ...on, sync, key: (id: number) => id })
    get(_id: number): Promise<unknown> {
      this.runs += 1;
      return this.next.promise;
    }

    /** The same key from another argument. */
    @Cacheable({ ...on, sync, key: (id: string) => Number(id) })
    async getByText(id: string): Promise<unknown> {
      return this.get(Number(id));
    }

    @CachePut({ ...on, key: (id: number) => id })
    put(_id: number): Promise<unknown> {
      return this.next.promise;
    }

    @CacheEvict({ ...on, key: (id: number) => id })
    evict(_id: number): Promise<unknown> {
      return this.next.promise;
    }

    @CacheEvict({ ...on, allEntries: true })
    evictAll(): Promise<unknown> {
      return this.next.promise;
    }
  }
  return AsyncService;
}

describe.each([
  ['asynchronous methods without sync', false],
  ['conformance 90: asynchronous methods behave the same with sync', true],
] as const)('%s', (_title, sync) => {
  describe.each(namings)('with a cache $naming', (naming) => {
    const Service = createService(naming, sync);
    const app = useCacheApp(useRedis(), { providers: [Service] });
    const service = () => app().get(Service);
    const cache = () => app().caches.get('test');

    beforeEach(() => {
      service().runs = 0;
      service().next = new Deferred();
      cache().region.stats.reset();
    });

    it('conformance 84: caches the value that a promise fulfils with', async () => {
      const first = service().get(1);
      await tick();
      expect(await cache().get(1)).toBeUndefined();
      service().next.settle({ id: 1 });
      expect(await first).toEqual({ id: 1 });
      expect([await service().get(1), await service().get(1)]).toEqual([{ id: 1 }, { id: 1 }]);
      expect(service().runs).toBe(1);
    });

    it('conformance 85: caches the null of an empty promise', async () => {
      service().next.settle(undefined);
      expect([await service().get(1), await service().get(1)]).toEqual([undefined, undefined]);
      expect(service().runs).toBe(1);
    });

    it('conformance 86: stores nothing of a stream and gives each caller the stream of its own call', async () => {
      service().next.settle(new ReadableStream());
      const [first, second] = [await service().get(1), await service().get(1)];
      expect([first, second]).toEqual([expect.any(ReadableStream), expect.any(ReadableStream)]);
      expect(service().runs).toBe(2);
    });

    describe('conformance 87: acts when the promise settles, not when the method returns', () => {
      it('puts', async () => {
        const put = service().put(1);
        await tick();
        expect(await cache().get(1)).toBeUndefined();
        service().next.settle('new');
        await put;
        expect(await cache().get(1)).toEqual({ value: 'new' });
      });

      it.each(['evict', 'evictAll'] as const)(
        'evicts (%s)',
        async (method) => {
          await cache().put(1, 'old');
          const evict = service()[method](1);
          await tick();
          expect(await cache().get(1)).toEqual({ value: 'old' });
          service().next.settle('done');
          await evict;
          expect(await cache().get(1)).toBeUndefined();
        },
      );

      it('does neither when the promise is rejected', async () => {
        await cache().put(1, 'old');
        service().next.fail(new Error('rejected'));
        for (const method of ['put', 'evict', 'evictAll'] as const) {
          await expect(service()[method](1)).rejects.toThrow();
        }
        expect(await cache().get(1)).toEqual({ value: 'old' });
      });
    });

    it('conformance 88: puts once per miss and not again for hits and waiters', async () => {
      service().next.settle('value');
      await Promise.all([service().get(1), service().get(1), service().get(1)]);
      await service().get(1);
      expect(cache().region.stats.snapshot()).toMatchObject({ puts: 1, refusedPuts: 0, hits: 1 });
    });

    it('conformance 89: shares an entry between methods with equal keys', async () => {
      service().next.settle('value');
      expect([await service().getByText('1'), await service().get(1)]).toEqual(['value', 'value']);
      expect(service().runs).toBe(1);
    });
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
