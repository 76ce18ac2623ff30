import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ClassSerializerInterceptor, Controller, Get, Injectable, Param, UseInterceptors } from '@nestjs/common';
import { Exclude } from 'class-transformer';
import * as fc from 'fast-check';
import { Cacheable, CachePut, CacheType } from '../../../src/cache/index.js';
import { v1, v2 } from '../support/deferred-notes.js';
import { useHttpApp } from '../support/http-app.js';
import { usePods } from '../support/pods.js';
import { useCacheApp, useRedis } from '../support/suite.js';

@CacheType({ name: 'holes-money', version: 1 })
class Money {
  constructor(readonly amount: bigint) {}

  get text(): string {
    return `${this.amount} 원`;
  }
}

class Entity {
  id = 1;
}

@CacheType({ name: 'holes-account', version: 1 })
class Account {
  @Exclude()
  readonly password = 'secret';

  constructor(
    readonly name: string,
    readonly createdAt: Date,
  ) {}
}

@Injectable()
class Values {
  runs = 0;

  @Cacheable({ cache: 'values', key: (name: string) => name })
  async get(_name: string, value: unknown): Promise<unknown> {
    this.runs += 1;
    await Promise.resolve();
    return value;
  }

  @Cacheable({ cache: 'values', key: () => 'slow' })
  async slow(): Promise<{ tags: string[] }> {
    await sleep(30);
    this.runs += 1;
    return { tags: ['a'] };
  }

  @CachePut({ cache: 'values', key: (name: string) => name })
  put<T>(_name: string, value: T): Promise<T> {
    return Promise.resolve(value);
  }

  @Cacheable({ cache: 'accounts' })
  account(name: string): Promise<Account> {
    return Promise.resolve(new Account(name, new Date(0)));
  }
}

@Controller()
class Accounts {
  constructor(private readonly values: Values) {}

  @Get('accounts/:name')
  @UseInterceptors(ClassSerializerInterceptor)
  account(@Param('name') name: string): Promise<Account> {
    return this.values.account(name);
  }
}

describe('values', () => {
  const redis = useRedis();
  const app = useCacheApp(redis, { providers: [Values], settings: { maxBytes: 200_000 } });
  const values = () => app().get(Values);
  const stats = () => app().caches.get('values').region.stats;
  beforeEach(() => {
    values().runs = 0;
    stats().reset();
  });

  /** Results of a first and a second call. */
  async function coldAndHot(name: string, value: unknown): Promise<[cold: unknown, hot: unknown]> {
    return [await values().get(name, value), await values().get(name, 'the method has run again')];
  }

  describe('prevents failure mode 26: a hit returns another type than the miss did', () => {
    const examples: Record<string, unknown> = {
      Date: new Date(1_700_000_000_123),
      'an instance': new Money(4_500n),
      Map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1, undefined])], [null, -0]]),
      Set: new Set([new Date(1), 'a']),
      NaN,
      Infinity,
      '-0': -0,
      bigint: 2n ** 80n,
      RegExp: /a+\/"/giu,
      URL: new URL('https://seoul.example/?q=1#x'),
      Buffer: Buffer.from([0, 255, 128]),
      Float64Array: Float64Array.of(NaN, -0, 1.5),
      '[undefined]': [undefined],
      'a sparse array': Object.assign(new Array<number>(3), { 1: 1 }),
      'an object with undefined': { a: undefined, b: [1, { c: null }] },
      'an object with __proto__': JSON.parse('{"__proto__": {"admin": true}, "a": 1}') as unknown,
    };

    it.each(Object.keys(examples))('returns equal values, prototypes included: %s', async (name) => {
      const [cold, hot] = await coldAndHot(name, { value: examples[name] });
      expect(hot).toStrictEqual(cold);
      expect(hot).toStrictEqual({ value: examples[name] });
    });

    it('returns an Error unchanged and stores none', async () => {
      const error = new Error('as a value');
      for (const _round of [1, 2]) expect(await values().get('error', error)).toBe(error);
      expect(stats()).toMatchObject({ puts: 0, uncacheable: 2 });
    });

    it('returns equal values for any supported value (property)', async () => {
      const kinds = { withBigInt: true, withMap: true, withSet: true, withSparseArray: true, withTypedArray: true };
      const anything = fc.anything({ ...kinds, withNullPrototype: true });
      let number = 0;
      await fc.assert(
        fc.asyncProperty(anything, fc.date({ noInvalidDate: true }), async (...value) => {
          number += 1;
          const { bypasses } = stats();
          const [cold, hot] = await coldAndHot(`any ${number}`, value);
          // A timeout on a busy machine proves nothing about values.
          if (stats().bypasses > bypasses) return;
          expect(isDeepStrictEqual(hot, value) && isDeepStrictEqual(cold, value)).toBe(true);
        }),
        { numRuns: 300 },
      );
    });
  });

  it('prevents failure mode 28: a string that looks like a date becomes a Date', async () => {
    const value = { at: '2024-01-01T00:00:00Z', of: ['2024-01-01T00:00:00.000Z'] };
    expect(await coldAndHot('dates', value)).toStrictEqual([value, value]);
    expect(await coldAndHot('date', value.at)).toEqual([value.at, value.at]);
  });

  describe('prevents failure mode 29: a BigInt in the result rejects the call', () => {
    it('returns and stores it', async () => {
      expect(await coldAndHot('bigint', { n: 1n })).toEqual([{ n: 1n }, { n: 1n }]);
    });

    it('returns what cannot be stored, and counts it', async () => {
      for (const _round of [1, 2]) expect(await values().get('entity', new Entity())).toBeInstanceOf(Entity);
      expect([values().runs, stats().uncacheable, stats().puts]).toEqual([2, 2, 0]);
    });
  });

  it('prevents failure mode 30: callers share one object, so that a mutation reaches others', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => values().slow()));
    expect(values().runs).toBe(1);
    all[0]?.tags.push('mine');
    const later = await values().slow();
    later.tags.push('mine too');
    expect([...all.slice(1), await values().slow()]).toEqual(Array(10).fill({ tags: ['a'] }));
  });

  it('prevents failure mode 31: undefined and null are never cached or confused with a miss', async () => {
    for (const nothing of [null, undefined]) {
      const name = `nothing ${nothing}`;
      expect(await app().caches.get('values').get(name)).toBeUndefined();
      expect(await coldAndHot(name, nothing)).toEqual([nothing, nothing]);
      expect(await app().caches.get('values').get(name)).toEqual({ value: nothing });
    }
    expect(values().runs).toBe(2);
    const strict = app().caches.derive({ prefix: 'strict', allowNull: false }).get('values');
    await expect(strict.put('nothing', null)).rejects.toThrow("cache 'values' does not store null or undefined");
  });

  describe('prevents failure mode 33: a store error runs the method twice', () => {
    it.each(['read', 'fill', 'decode'] as const)('runs it once when %s fails', async (step) => {
      const { storage } = app().caches.get('values').region;
      await values().get('once', 1);
      values().runs = 0;
      if (step === 'fill') await app().caches.get('values').clear();
      if (step === 'decode') await spoilEntries('garbage');
      else jest.spyOn(storage, step).mockRejectedValue(new Error('of the store'));
      expect(await values().get('once', 2)).toBe(2);
      jest.restoreAllMocks();
      expect(values().runs).toBe(1);
    });
  });

  describe('prevents failure mode 35: a huge value blocks Redis or the event loop', () => {
    it('returns 20 MB, stores none of it, and counts it', async () => {
      const huge = 'x'.repeat(20 * 1024 ** 2);
      for (const _round of [1, 2]) expect(await values().get('huge', { huge })).toEqual({ huge });
      expect([values().runs, stats().oversized, stats().puts]).toEqual([2, 2, 0]);
    });

    it('compresses 200 kB', async () => {
      const large = 'a sentence. '.repeat(16_000);
      expect(await coldAndHot('large', { large })).toEqual([{ large }, { large }]);
      const [entry = ''] = await redis.client.keys('*entry*large*');
      expect(await redis.client.hstrlen(entry, 'value')).toBeLessThan(20_000);
    });
  });

  async function spoilEntries(bytes: string): Promise<void> {
    const entries = await redis.client.keys('*entry*');
    await Promise.all(entries.map((entry) => redis.client.hset(entry, 'value', bytes)));
  }

  describe('prevents failure mode 34: a release reads entries in the shape of another release', () => {
    const of = (version: number) => `l{"$":["instance","holes-money",${version},[["amount",{"$":["bigint","7"]}]]]}`;

    it.each([
      ['of an older version', of(0)],
      ['of a newer version', of(2)],
      ['junk', '\u0000\u0001'],
      ['nothing', ''],
    ])('treats bytes %s as a miss, counts and overwrites them', async (_what, bytes) => {
      await values().get('money', new Money(1n));
      await spoilEntries(of(1));
      expect(await values().get('money', null)).toStrictEqual(new Money(7n));
      await spoilEntries(bytes);
      expect(await coldAndHot('money', new Money(2n))).toStrictEqual([new Money(2n), new Money(2n)]);
      expect([values().runs, stats().undecodable]).toEqual([2, 1]);
    });

    it('alternates between two releases with one load per change', async () => {
      for (let turn = 1; turn <= 10; turn++) {
        await values().put('money', new Money(1n));
        await spoilEntries(of(2));
        values().runs = 0;
        const all = await Promise.all(Array.from({ length: 20 }, () => values().get('money', new Money(3n))));
        expect(all).toStrictEqual(Array(20).fill(new Money(3n)));
        expect(values().runs).toBe(1);
      }
    });
  });
});

describe('prevents failure mode 27: a hit returns a plain object, so that @Exclude() fields are exposed', () => {
  const { get } = useHttpApp(useRedis(), { controllers: [Accounts], providers: [Values] });

  it('hides the same fields in the response of a hit, byte for byte', async () => {
    const [cold, hot] = [await get('/accounts/kim'), await get('/accounts/kim')];
    expect([cold[0], hot[0]]).toEqual(['MISS', 'HIT']);
    expect(hot[1]).toBe(cold[1]);
    expect(hot[1]).toBe('{"name":"kim","createdAt":"1970-01-01T00:00:00.000Z"}');
  });
});

describe('prevents failure mode 32: an error is cached or swallowed', () => {
  const pods = usePods(useRedis());

  const errors = [new Error('lost'), undefined, null, 0];
  it.each(errors)('rejects all waiters with %p itself and stores nothing', async (error) => {
    const { a, apps } = pods;
    const callers = [a.get(1), a.get(1), a.get(1)];
    await pods.joined(3);
    await a.source.fail(error);
    expect(await Promise.allSettled(callers)).toEqual(Array(3).fill({ status: 'rejected', reason: error }));
    expect(a.source.runs).toBe(1);
    const fresh = a.get(1);
    await a.source.respond(v2);
    expect(await fresh).toEqual(v2);
    expect(apps[0].caches.stats()['notes']).toMatchObject({ puts: 1 });
  });

  it('lets a waiter in another instance load immediately', async () => {
    const { a, b } = pods;
    const failed = a.get(1);
    await a.source.started();
    const waiting = b.get(1);
    await pods.joined(2);
    await a.source.fail(new Error('lost'));
    await expect(failed).rejects.toThrow('lost');
    await b.source.respond(v1);
    expect(await waiting).toEqual(v1);
  });
});
