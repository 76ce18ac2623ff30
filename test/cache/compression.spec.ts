import { randomBytes } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { Cacheable, CachePut, type CacheSettings } from '../../src/cache/index.js';
import { withCacheApp, type CacheApp } from './support/cache-app.js';
import { useCacheApp, useRedis } from './support/suite.js';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly at: Date;
}

/** A list of about the given size in bytes. */
function listOf(bytes: number): Row[] {
  const row = (id: number) => ({ id, name: `제로웨이스트 가게 ${id * 7919}`, at: new Date(id * 1e9) });
  return Array.from({ length: Math.ceil(bytes / 75) }, (_each, id) => row(id));
}

@Injectable()
class Lists {
  runs = 0;

  @Cacheable({ cache: 'lists', key: (name: string) => name, ttl: '1h', staleIfError: '1h' })
  get(_name: string, value: unknown): Promise<unknown> {
    this.runs += 1;
    return value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  }

  @CachePut({ cache: 'lists', key: (name: string) => name })
  put(_name: string, value: unknown): Promise<unknown> {
    return Promise.resolve(value);
  }
}

describe('large values', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Lists] });
  const service = () => app().get(Lists);
  const stats = () => app().caches.get('lists').region.stats;
  beforeEach(() => {
    service().runs = 0;
    stats().reset();
  });

  const entry = async () => {
    const [key = ''] = await redis.client.keys('*:entry:*');
    return { key, bytes: await redis.client.hgetBuffer(key, 'value') };
  };

  it.each(['get', 'put'] as const)('of 200 kB are stored compressed and returned unchanged (%s)', async (method) => {
    const list = listOf(200_000);
    const size = Buffer.byteLength(JSON.stringify(list));
    expect(size).toBeGreaterThan(190_000);
    expect(await service()[method]('list', list)).toEqual(list);
    expect((await entry()).bytes?.length).toBeLessThan(size / 3);
    expect(await service().get('list', 'not asked')).toStrictEqual(list);
    expect(await app().caches.get('lists').get('list')).toStrictEqual({ value: list });
    expect(stats()).toMatchObject({ compressed: 1, puts: 1, hits: 1, oversized: 0 });
    expect(stats().bytesWritten).toBe((await entry()).bytes?.length);
  });

  it('of 20 MB are returned, not stored, and counted', async () => {
    const list = listOf(20_000_000);
    expect(await service().get('list', list)).toBe(list);
    expect(await redis.client.keys('*:entry:*')).toEqual([]);
    expect(stats()).toMatchObject({ oversized: 1, compressed: 0, puts: 0 });
  });

  it('are compressed even if incompressible; small ones never are', async () => {
    for (const [value, format] of [[randomBytes(20_000), 'Z'], [listOf(5_000), 'w']] as const) {
      await redis.client.flushall();
      await service().get('value', value);
      expect((await entry()).bytes?.toString('latin1', 0, 1)).toBe(format);
      expect(await service().get('value', 'not asked')).toStrictEqual(value);
    }
  });

  it('are served as stale like small ones', async () => {
    const list = listOf(200_000);
    await service().get('list', list);
    await redis.client.pexpire((await entry()).key, 3_000_000);
    const refused = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    expect(await service().get('list', refused)).toStrictEqual(list);
  });

  it('are readable with and without compression enabled', async () => {
    const list = listOf(200_000);
    const settings: CacheSettings[] = [{ compressionThreshold: Infinity }, {}];
    for (const [writes, reads] of [settings, settings.toReversed()]) {
      await redis.client.flushall();
      await inApp(writes, (each) => each.get(Lists).get('list', list));
      expect(await inApp(reads, (each) => each.get(Lists).get('list', 'not asked'))).toStrictEqual(list);
    }
  });

  it.each([
    ['would be far too large once decompressed', brotliCompressSync(Buffer.alloc(300_000_000, 'J'))],
    ['are cut off', brotliCompressSync(Buffer.from(`J${JSON.stringify(listOf(50_000))}`)).subarray(0, 500)],
    ['are something else', Buffer.from('something else')],
  ])('are a miss, counted and overwritten, when their bytes %s', async (_what, packed) => {
    await service().get('list', listOf(200_000));
    await redis.client.hset((await entry()).key, 'value', Buffer.concat([Buffer.from('Z'), packed]));
    const before = process.memoryUsage().rss;
    expect(await service().get('list', 'new')).toBe('new');
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    expect(await service().get('list', 'not asked')).toBe('new');
    expect([service().runs, stats().undecodable]).toEqual([2, 1]);
  });

  function inApp<T>(settings: CacheSettings | undefined, work: (each: CacheApp) => Promise<T>): Promise<T> {
    return withCacheApp({ redisUrl: redis.server.url, providers: [Lists], settings: settings ?? {} }, work);
  }
});
