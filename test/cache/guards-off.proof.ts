import { AsyncLocalStorage } from 'node:async_hooks';
import { type CanActivate, Controller, type ExecutionContext, Get, Injectable, UseGuards } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Cacheable, CacheType, runWithCacheStatus } from '../../src/cache/index.js';
import { CacheAspect } from '../../src/cache/explorer/cache-aspect.js';
import type { CachedMethod } from '../../src/cache/runtime/cached-method.js';
import { Operation } from '../../src/cache/runtime/operation.js';
import { READ } from '../../src/cache/storage/lease-scripts.js';
import type { Entry, Lease, Expiration, PutGuard, ReadResult, ReadOptions } from '../../src/cache/storage/cache-storage.js';
import { RedisStorage } from '../../src/cache/storage/redis-storage.js';
import { Roles, ROUTE_ROLES } from '../../src/common/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import { LuaScript } from '../../src/redis/index.js';
import { provideDatabase, provideRedis } from '../support/services.js';
import { provideProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { compileCacheApp, createCacheApp, keepTimeLimits, withCacheApp } from './support/cache-app.js';
import { Notes, v1, v2 } from './support/deferred-notes.js';
import { initHttpApp } from './support/http-app.js';
import { asAnotherCaller, SqlNotes } from './support/sql-notes.js';
import { useRedis } from './support/suite.js';

keepTimeLimits();

class WithoutLeases extends RedisStorage {
  override async fill({ cache, key: address }: Lease, entry: Entry, expiration: Expiration): Promise<boolean> {
    return this.put(await this.beginPut(cache, address, expiration.tags), address, entry, expiration);
  }
}

class WithoutPutGuards extends RedisStorage {
  override async put(guard: PutGuard, address: string, entry: Entry, expiration: Expiration): Promise<boolean> {
    return super.put(await this.beginPut(guard.cache, address, expiration.tags), address, entry, expiration);
  }
}

class WithoutWritesStamp extends RedisStorage {
  override read(
    cache: string,
    address: string,
    tags: readonly string[] | undefined,
    options: ReadOptions,
  ): Promise<ReadResult> {
    return super.read(cache, address, tags ?? [], options);
  }
}

/** Runs the cache operations of each call outside of its transaction, and only the method inside. */
@Injectable()
class WithoutTransactions extends CacheAspect {
  override invoke(method: CachedMethod, target: object, args: readonly unknown[], proceed: () => Promise<unknown>) {
    const inside = AsyncLocalStorage.snapshot() as <T>(work: () => T) => T;
    return asAnotherCaller(() => method.invoke(target, args, () => inside(proceed)));
  }
}

/** Admits every caller to routes without required roles. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    return this.reflector.get<string[] | undefined>(ROUTE_ROLES, context.getHandler()) === undefined;
  }
}

/** A class whose decorators are applied at the call. */
function secretController() {
  @Controller()
  @UseGuards(RolesGuard)
  class SecretController {
    @Get('secret')
    @Cacheable({ cache: 'secrets', key: () => 'secret' })
    @Roles('admin')
    get(): Promise<{ secret: number }> {
      return Promise.resolve({ secret: 42 });
    }
  }
  return SecretController;
}

@CacheType({ name: 'guards-off-money', version: 2 })
class Money {
  constructor(readonly amount: number) {}
}

@Injectable()
class Values {
  @Cacheable({ cache: 'money', key: () => 'money' })
  money(): Promise<Money> {
    return Promise.resolve(new Money(1));
  }

  @Cacheable({ cache: 'profiles', key: () => 'mine', scope: 'user' })
  profile(name: string): Promise<string> {
    return Promise.resolve(`profile of ${name}`);
  }
}

describe('the cache with one safeguard disabled', () => {
  const redis = useRedis();
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['the lease', WithoutLeases, 'get', 'evict'],
    ['the put stamp', WithoutPutGuards, 'put', 'put'],
    ['the writes stamp', WithoutWritesStamp, 'getTaggedByResult', 'evictTag'],
  ] as const)('serves the old value without %s', async (_guard, Storage, read, change) => {
    const overrides = [{ token: RedisStorage, value: new Storage(redis.client, 10_000) }];
    const options = { redisUrl: redis.server.url, providers: [Notes] };
    const app = await createCacheApp({ ...options, overrides });
    const other = await createCacheApp(options);
    const [notes, elsewhere] = [app.get(Notes), other.get(Notes)];
    const old = notes[read](1);
    await notes.source.started();
    const changed = elsewhere[change](1);
    if (change === 'put') await elsewhere.source.respond(v2);
    await changed;
    await notes.source.respond(v1);
    await old;
    expect(await notes[read === 'put' ? 'get' : read](1)).toEqual(v1);
    await Promise.all([app.close(), other.close()]);
  });

  it('serves an evicted value without the version stamp of all entries', async () => {
    const { source } = READ as unknown as { source: string };
    const unguarded = new LuaScript(source.replace('entry[2] ~= all', 'false'));
    expect((unguarded as unknown as { source: string }).source).not.toBe(source);
    jest.spyOn(READ, 'runForBytes').mockImplementation((...args) => unguarded.runForBytes(...args));
    await withCacheApp({ redisUrl: redis.server.url, providers: [Notes] }, async (app) => {
      const notes = app.get(Notes);
      const first = notes.get(1);
      await notes.source.respond(v1);
      await first;
      await notes.evictAll(1);
      expect(await notes.get(1)).toEqual(v1);
    });
  });

  it('returns the shape of an older release without the codec version', async () => {
    await withCacheApp({ redisUrl: redis.server.url, providers: [Values] }, async (app) => {
      const { region } = app.caches.get('money');
      const decode = region.codec.decode.bind(region.codec);
      jest.spyOn(region.codec, 'decode').mockImplementation((bytes) =>
        decode(Buffer.from(bytes.toString().replace('"guards-off-money",1', '"guards-off-money",2'))),
      );
      await app.get(Values).money();
      const [entry = ''] = await redis.client.keys('*:entry:*');
      const stored = (await redis.client.hget(entry, 'value')) ?? '';
      await redis.client.hset(entry, 'value', stored.replace('2,[["amount"', '1,[["won"'));
      expect(await app.get(Values).money()).toMatchObject({ won: 1 });
    });
  });

  it.each([
    ['with', false, 403],
    ['without', true, 200],
  ])('%s copied metadata of the guard: responds to an anonymous request', async (_when, isOff, status) => {
    if (isOff) jest.spyOn(Reflect, 'getMetadataKeys').mockReturnValue([]);
    const controllers = [secretController()];
    jest.restoreAllMocks();
    const options = { redisUrl: redis.server.url, controllers, providers: [RolesGuard] };
    const app = await initHttpApp(await compileCacheApp(options));
    expect((await app.inject('/secret')).statusCode).toBe(status);
    await app.close();
  });

  it('serves one user the data of another without the scope', async () => {
    await withCacheApp({ redisUrl: redis.server.url, providers: [Values] }, async (app) => {
      const profileOf = (name: string) => runWithCacheStatus(() => app.get(Values).profile(name), () => name);
      expect([await profileOf('alice'), await profileOf('bob')]).toEqual(['profile of alice', 'profile of bob']);
      jest.spyOn(Operation.prototype, 'scope', 'get').mockReturnValue('public');
      expect([await profileOf('alice'), await profileOf('bob')]).toEqual(['profile of alice', 'profile of alice']);
    });
  });

  describe('without waiting for the commit', () => {
    const rollback = new Error('rolled back');

    async function withoutTransactions(work: (notes: SqlNotes) => Promise<void>): Promise<void> {
      const database = await provideDatabase();
      const overrides = [{ token: CacheAspect, value: new WithoutTransactions() }];
      const options = { redisUrl: redis.server.url, databaseUrl: database.url, overrides };
      await withCacheApp({ ...options, imports: [DatabaseModule], providers: [SqlNotes] }, async (app) => {
        await app.get(SqlNotes).create();
        await work(app.get(SqlNotes));
      });
      await database.drop();
    }

    it('serves others a value that is never committed', async () => {
      await withoutTransactions(async (notes) => {
        const change = notes.within(async () => {
          await notes.write(1, 'uncommitted');
          await notes.get(1);
          throw rollback;
        });
        await expect(change).rejects.toBe(rollback);
        expect(await notes.get(1)).toBe('uncommitted');
      });
    });

    it('keeps the old value that was read before the commit', async () => {
      await withoutTransactions(async (notes) => {
        await notes.within(async () => {
          await notes.write(1, 'new');
          expect(await asAnotherCaller(() => notes.get(1))).toBe('old');
        });
        expect(await notes.get(1)).toBe('old');
      });
    });
  });

  it('loses an eviction with the process that could not carry it out, without the outbox', async () => {
    const [database, server] = [await provideDatabase(), await provideRedis('cache')];
    const proxy = await provideProxy(server.url);
    const options = { maxRetriesPerRequest: 0, enableOfflineQueue: false, disconnectTimeout: 100 };
    const connection = new Redis(proxy.url, options);
    connection.on('error', () => undefined);
    const overrides = [{ token: RedisStorage, value: new RedisStorage(connection, 10_000) }];
    const common = { databaseUrl: database.url, imports: [DatabaseModule], providers: [SqlNotes] };
    const cutOff = await createCacheApp({ ...common, redisUrl: proxy.url, overrides });
    const other = await createCacheApp({ ...common, redisUrl: server.url });
    await until(() => connection.status === 'ready');
    await cutOff.get(SqlNotes).create();
    expect(await other.get(SqlNotes).get(1)).toBe('old');
    await proxy.refuse();
    await cutOff.get(SqlNotes).write(1, 'new');
    await cutOff.close();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await other.get(SqlNotes).get(1)).toBe('old');
    connection.disconnect();
    await other.close();
    await Promise.all([proxy.close(), server.drop(), database.drop()]);
  });
});
