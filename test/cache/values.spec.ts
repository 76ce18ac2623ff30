import { Injectable } from '@nestjs/common';
import { of } from 'rxjs';
import { Cacheable, CachePut, CacheType } from '../../src/cache/index.js';
import { useCacheApp, useRedis } from './support/suite.js';

/** Java's Optional, as one would write it. */
@CacheType({ name: 'optional', version: 1 })
class Optional<T> {
  constructor(readonly value: T | null) {}

  get isPresent(): boolean {
    return this.value !== null;
  }
}

class Entity {
  id = 1;
}

@Injectable()
class ValueService {
  runs = 0;
  kept: unknown;

  @Cacheable({ cache: 'values', key: (name: string) => name })
  get(_name: string, value: unknown): Promise<unknown> {
    this.runs += 1;
    this.kept = value;
    return Promise.resolve(value);
  }

  @Cacheable({ cache: 'values' })
  async slow(): Promise<{ tags: string[] }> {
    await new Promise((resolve) => setTimeout(resolve, 30));
    this.runs += 1;
    return { tags: ['a'] };
  }

  @CachePut({ cache: 'values', key: (name: string) => name })
  put(_name: string, value: { n: number }): Promise<{ n: number }> {
    return Promise.resolve(value);
  }
}

describe('values of cached methods', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [ValueService], settings: { maxBytes: 1_000 } });
  const service = () => app().get(ValueService);
  const stats = () => app().caches.get('values').region.stats;
  beforeEach(() => {
    service().runs = 0;
    stats().reset();
  });

  it('28 gives a result wrapper back as the wrapper it was', async () => {
    const [full, empty] = [new Optional('tea'), new Optional(null)];
    for (const _round of [1, 2]) {
      expect(await service().get('full', full)).toStrictEqual(full);
      expect(await service().get('empty', empty)).toStrictEqual(empty);
    }
    expect(((await service().get('full', null)) as Optional<string>).isPresent).toBe(true);
    expect(service().runs).toBe(2);
  });

  it('99 are private copies: no caller sees what another does to them (hole 30)', async () => {
    const value = { tags: ['a'] };
    const first = (await service().get('copy', value)) as typeof value;
    first.tags.push('mine');
    const second = (await service().get('copy', null)) as typeof value;
    second.tags.push('mine too');
    expect(await service().get('copy', null)).toEqual({ tags: ['a'] });
  });

  it('are private copies for callers who share one load', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => service().slow()));
    expect(service().runs).toBe(1);
    expect(new Set(all).size).toBe(10);
    all[0]?.tags.push('mine');
    expect(all[1]).toEqual({ tags: ['a'] });
  });

  it('are stored as they are when a put has run, not as they are changed later', async () => {
    const value = await service().put('put', { n: 1 });
    value.n = 2;
    expect(await service().get('put', null)).toEqual({ n: 1 });
  });

  it('are kept when undefined, as null is (hole 31)', async () => {
    for (const _round of [1, 2]) expect(await service().get('undefined', undefined)).toBeUndefined();
    expect(service().runs).toBe(1);
  });

  it('are returned but not stored, and counted, when they hold an unknown class (hole 29)', async () => {
    for (const _round of [1, 2]) expect(await service().get('entity', new Entity())).toBeInstanceOf(Entity);
    expect([service().runs, stats().uncacheable, stats().puts]).toEqual([2, 2, 0]);
  });

  it('are returned but not stored when they are streams (hole 25)', async () => {
    const stream = of(1, 2);
    for (const _round of [1, 2]) expect(await service().get('stream', stream)).toBe(stream);
    expect([service().runs, stats().puts]).toEqual([2, 0]);
  });

  it('are returned but not stored, and counted, when they are too large (hole 35)', async () => {
    for (const _round of [1, 2]) expect(await service().get('large', 'x'.repeat(1_000))).toHaveLength(1_000);
    expect([service().runs, stats().oversized, stats().puts]).toEqual([2, 2, 0]);
    await service().get('fits', 'x'.repeat(900));
    expect(stats().puts).toBe(1);
  });

  it('evict what was there when they are put but cannot be stored', async () => {
    await service().put('changed', { n: 1 });
    await service().put('changed', Object.assign(new Entity(), { n: 2 }));
    expect(await app().caches.get('values').get('changed')).toBeUndefined();
  });

  it('count as missing, and are overwritten, when their bytes cannot be read (hole 34)', async () => {
    await service().get('old', { n: 1 });
    const [key = ''] = await redis.client.keys('*entry*');
    await redis.client.hset(key, 'value', 'T{"$":["instance","optional",7,[]]}');
    expect(await service().get('old', { n: 2 })).toEqual({ n: 2 });
    expect(await service().get('old', null)).toEqual({ n: 2 });
    expect([service().runs, stats().undecodable]).toEqual([2, 1]);
  });

  it('live as long as the default says, 27 to 30 minutes, with one command for value and time (hole 41)', async () => {
    await service().get('ttl', 1);
    const [key = ''] = await redis.client.keys('*entry*');
    const left = await redis.client.pttl(key);
    expect(left).toBeGreaterThan(1_610_000);
    expect(left).toBeLessThanOrEqual(1_800_000);
    const eternal = await Promise.all((await redis.client.keys('*')).map((each) => redis.client.pttl(each)));
    expect(eternal.filter((ttl) => ttl < 0)).toEqual([]);
  });
});
