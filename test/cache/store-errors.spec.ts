import { Injectable, Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  LoggingCacheErrorHandler,
  type CacheErrorHandler,
} from '../../src/cache/index.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { createCacheApp, keepTimeLimits, type CacheApp } from './support/cache-app.js';

keepTimeLimits();

const key = (id: number) => id;

@Injectable()
class Service {
  runs = 0;
  error: Error | undefined;

  @Cacheable({ cache: 'errors', key })
  get(_id: number): Promise<number> {
    return this.next();
  }

  @Cacheable({ cache: 'errors', key, sync: true })
  getSync(_id: number): Promise<number> {
    return this.next();
  }

  @CachePut({ cache: 'errors', key })
  put(_id: number): Promise<number> {
    return this.next();
  }

  @CacheEvict({ cache: 'errors', key })
  evict(_id: number): Promise<number> {
    return this.next();
  }

  @CacheEvict({ cache: 'errors', allEntries: true })
  clear(): Promise<number> {
    return this.next();
  }

  private next(): Promise<number> {
    this.runs += 1;
    return this.error ? Promise.reject(this.error) : Promise.resolve(this.runs);
  }
}

type ErrorReport = [operation: string, cache: string, key: string | undefined];

/** Records reported errors, and rethrows them if set so. */
class Recorder implements CacheErrorHandler {
  readonly reports: ErrorReport[] = [];
  readonly errors: unknown[] = [];
  rethrows = false;

  getFailed = (error: unknown, cache: string, address: string) => this.record(error, ['get', cache, address]);
  putFailed = (error: unknown, cache: string, address?: string) => this.record(error, ['put', cache, address]);
  evictFailed = (error: unknown, cache: string, address?: string) => this.record(error, ['evict', cache, address]);
  clearFailed = (error: unknown, cache: string) => this.record(error, ['clear', cache, undefined]);

  private record(error: unknown, report: ErrorReport): void {
    this.reports.push(report);
    this.errors.push(error);
    if (this.rethrows) throw error;
  }
}

/** ACL rules that make one operation fail and let the others work. */
const FAILING = {
  get: ['-evalsha', '-eval'],
  put: ['-hset'],
  evict: ['-unlink'],
  getAndPut: ['-evalsha', '-eval', '-hset'],
} as const;

/** Error replies of Redis to forbidden commands. */
const FORBIDDEN = /NOPERM|can't run this command/;

describe('errors of the store', () => {
  let redis: ProvidedServer;
  let client: Redis;
  let app: CacheApp;
  let handler: Recorder;

  beforeAll(async () => {
    redis = await provideRedis('cache');
    client = new Redis(redis.url);
  });
  beforeEach(async () => {
    await client.flushall();
    await start((handler = new Recorder()));
  });
  afterEach(async () => {
    await restore();
    await app.close();
  });
  afterAll(async () => {
    client.disconnect();
    await redis.drop();
  });

  const service = () => app.get(Service);
  const fail = (operation: keyof typeof FAILING) => client.acl('SETUSER', 'default', ...FAILING[operation]);
  const restore = () => client.acl('SETUSER', 'default', '+@all');

  async function start(errorHandler: CacheErrorHandler): Promise<void> {
    app = await createCacheApp({ redisUrl: redis.url, providers: [Service], settings: { errorHandler } });
    await app.caches.get('other').get(1);
  }

  async function restart(errorHandler: CacheErrorHandler): Promise<void> {
    await app.close();
    await start(errorHandler);
  }

  it('conformance 75: reports a failed get, runs the method once and refuses the put without a lease', async () => {
    await fail('get');
    expect([await service().get(1), service().runs]).toEqual([1, 1]);
    expect(handler.reports).toEqual([['get', 'errors', '1']]);
  });

  it('conformance 76: runs the method once after a failed get with sync, and stores nothing', async () => {
    await fail('get');
    expect([await service().getSync(1), service().runs]).toEqual([1, 1]);
    expect(handler.reports).toEqual([['get', 'errors', '1']]);
    await restore();
    expect(await client.keys('*:entry:*')).toEqual([]);
  });

  it('conformance 77: returns the value after a failed get of an async method', async () => {
    await fail('get');
    await expect(Promise.all([1, 2].map((id) => service().get(id)))).resolves.toEqual(expect.arrayContaining([1, 2]));
  });

  it('conformance 78: runs the method on every call while get and put fail, and caches after recovery', async () => {
    await fail('getAndPut');
    expect([await service().get(1), await service().get(1), service().runs]).toEqual([1, 2, 2]);
    await restore();
    await until(async () => (await service().get(1)) === (await service().get(1)));
  });

  describe('conformance 79: returns the result and reports the error when a put, evict or clear fails', () => {
    it.each([
      ['put', 'put', ['put', 'errors', '1']],
      ['evict', 'evict', ['evict', 'errors', '1']],
      ['clear', 'evict', ['clear', 'errors', undefined]],
    ] as const)('%s', async (method, operation, report) => {
      await fail(operation);
      expect([await service()[method](1), service().runs]).toEqual([1, 1]);
      expect(handler.reports).toEqual([report]);
    });

    it('put of a loaded value', async () => {
      await fail('put');
      expect([await service().get(1), service().runs]).toEqual([1, 1]);
      expect(handler.reports).toEqual([['put', 'errors', '1']]);
    });
  });

  describe('conformance 80: passes the original error to the caller with a rethrowing handler', () => {
    it.each([
      ['get', 'get', 'get', 0],
      ['put', 'put', 'put', 1],
      ['put (of what a read has loaded)', 'get', 'put', 1],
      ['evict', 'evict', 'evict', 1],
      ['clear', 'clear', 'evict', 1],
    ] as const)('%s', async (...row) => {
      const [, method, operation, runs] = row;
      handler.rethrows = true;
      await fail(operation);
      const error: unknown = await service()[method](1).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toMatch(FORBIDDEN);
      expect(handler.errors).toContain(error);
      expect(service().runs).toBe(runs);
    });

    it('evicts the entry that a failed put could not replace', async () => {
      await service().get(1);
      handler.rethrows = true;
      await fail('put');
      await expect(service().put(1)).rejects.toThrow(FORBIDDEN);
      await restore();
      expect(await app.caches.get('errors').get(1)).toBeUndefined();
    });
  });

  describe('conformance 81: logs the operation, cache and key, and the stack only on request', () => {
    it.each([
      ['get', 'get', 'get', "get of '1' in cache 'errors' failed"],
      ['put', 'put', 'put', "put of '1' in cache 'errors' failed"],
      ['evict', 'evict', 'evict', "evict of '1' in cache 'errors' failed"],
      ['clear', 'clear', 'evict', "clear of cache 'errors' failed"],
    ] as const)('%s', async (...row) => {
      const [, method, operation, text] = row;
      for (const stacks of [false, true]) {
        await restart(new LoggingCacheErrorHandler({ stacks }));
        const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
        await fail(operation);
        await service()[method](1);
        const lines = (warn.mock.calls as unknown[][]).filter(([line]) => String(line).startsWith(text));
        warn.mockRestore();
        await restore();
        expect(lines).toHaveLength(1);
        expect(lines[0]?.[0]).toMatch(FORBIDDEN);
        expect(lines[0]?.slice(1)).toEqual(stacks ? [expect.stringMatching(/\n +at /)] : []);
      }
    });

    it('logs repeated errors once, not for every command', async () => {
      await restart(new LoggingCacheErrorHandler());
      const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      await fail('get');
      for (const id of [1, 2, 3, 4, 5]) await service().get(id);
      const lines = (warn.mock.calls as unknown[][]).filter(([line]) => String(line).startsWith('get of'));
      warn.mockRestore();
      expect(lines).toHaveLength(1);
      expect(app.caches.stats()['errors']?.errors).toBeGreaterThanOrEqual(1);
    });
  });

  describe('conformance 82: applies the error handler to asynchronous methods', () => {
    it('returns the value with the logging handler', async () => {
      await restart(new LoggingCacheErrorHandler({ silenceMs: Infinity }));
      await fail('getAndPut');
      expect([await service().get(1), await service().getSync(2), service().runs]).toEqual([1, 2, 2]);
    });

    it('rejects with the rethrowing handler', async () => {
      handler.rethrows = true;
      await fail('getAndPut');
      const calls = [service().get(1), service().getSync(2), service().put(3)];
      const settled = await Promise.allSettled(calls);
      expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(service().runs).toBe(0);
    });
  });

  describe('conformance 83: never mistakes an error of the method for one of the store, and runs it once', () => {
    it.each(['get', 'getSync'] as const)(
      '%s',
      async (method) => {
        const looksLikeRedis = Object.assign(new Error('Connection is closed.'), { code: 'ECONNREFUSED' });
        service().error = looksLikeRedis;
        await expect(service()[method](1)).rejects.toBe(looksLikeRedis);
        expect([service().runs, handler.reports]).toEqual([1, []]);
        await fail('get');
        handler.rethrows = false;
        await expect(service()[method](1)).rejects.toBe(looksLikeRedis);
        expect(service().runs).toBe(2);
        expect(handler.reports.every(([operation]) => operation === 'get')).toBe(true);
      },
    );

    it('passes on the error of the method if its lease cannot be released', async () => {
      handler.rethrows = true;
      const own = new Error('of the loader');
      const loading = app.caches.get('errors').getOrLoad(1, async () => {
        await fail('get');
        throw own;
      });
      await expect(loading).rejects.toHaveProperty('cause', own);
      expect(handler.reports).toEqual([]);
    });
  });

  it('are reported when Redis does not respond, too', async () => {
    redis.pause();
    expect(await service().get(1)).toBe(1);
    redis.resume();
    expect(handler.reports).toEqual([['get', 'errors', '1']]);
  });
});
