import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { Injectable, Inject } from '@nestjs/common';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import Keyv from 'keyv';
import type * as Vitest from 'vitest';
import { IoredisKeyvAdapter } from '../../src/cache/keyv/ioredis-keyv-adapter.js';
import { useCacheApp, useRedis } from './support/suite.js';

/** Jest in the place of Vitest, of which the suite of Keyv uses only what Jest has too. */
function asVitest(counted: () => void): typeof Vitest {
  const test = {
    beforeEach,
    afterEach,
    it: (name: string, work: (context: { expect: typeof expect }) => unknown) => {
      counted();
      it(name, async () => {
        await work({ expect });
      });
    },
  };
  return test as unknown as typeof Vitest;
}

describe('the Keyv adapter in the suite of Keyv', () => {
  const suite = useRedis();
  let count = 0;
  const vitest = asVitest(() => {
    count += 1;
  });
  const adapter = () => new IoredisKeyvAdapter(suite.client, 'keyv:');
  keyvTestSuite(vitest, Keyv, adapter);
  keyvIteratorTests(vitest, Keyv, adapter);

  it('conformance 125: passes the test suite of Keyv', () => {
    expect(count).toBe(42);
  });
});

describe('the Keyv adapter', () => {
  const suite = useRedis();
  const keyv = (namespace: string, prefix = 'keyv:') =>
    new Keyv({ store: new IoredisKeyvAdapter(suite.client, prefix), namespace });

  it('sets value and TTL in one command, in whole milliseconds', async () => {
    await suite.client.config('RESETSTAT');
    await keyv('app').set('a', 1, 1_500.5);
    expect(await suite.client.info('commandstats')).toMatch(/cmdstat_set:calls=1/);
    expect(await suite.client.info('commandstats')).not.toMatch(/cmdstat_p?expire/);
    expect(await suite.client.pttl('keyv:app:a')).toBeGreaterThan(1_400);
  });

  it('iterates by SCAN, never by KEYS', async () => {
    await Promise.all(Array.from({ length: 1_200 }, (_each, index) => keyv('app').set(`k${index}`, index)));
    await suite.client.config('RESETSTAT');
    const found: unknown[] = [];
    for await (const [key] of keyv('app').iterator?.({}) ?? []) found.push(key);
    await keyv('app').clear();
    expect(new Set(found).size).toBe(1_200);
    expect(await suite.client.info('commandstats')).not.toMatch(/cmdstat_keys/);
    expect(await suite.client.dbsize()).toBe(0);
  });
});

@Injectable()
class TeamMember {
  constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}
}

describe('CACHE_MANAGER as in the documentation of Nest', () => {
  const suite = useRedis();
  const app = useCacheApp(suite, { providers: [TeamMember] });
  const cache = () => app().get(TeamMember).cache;

  it('uses the Redis of the cache with a default TTL of 30 minutes', async () => {
    await cache().set('key', { a: [1] });
    expect(await cache().get('key')).toEqual({ a: [1] });
    const [key = ''] = await suite.client.keys('keyv:*');
    expect(await suite.client.pttl(key)).toBeGreaterThan(1_790_000);
  });

  it('wraps, deletes and clears without touching the entries of the decorators', async () => {
    await app().caches.get('place').put(1, 'decorated');
    const load = jest.fn(() => Promise.resolve('value'));
    expect([await cache().wrap('w', load), await cache().wrap('w', load)]).toEqual(['value', 'value']);
    expect(load).toHaveBeenCalledTimes(1);
    await cache().del('w');
    expect(await cache().get('w')).toBeUndefined();
    await cache().set('other', 1);
    await cache().clear();
    expect(await cache().get('other')).toBeUndefined();
    expect(await app().caches.get('place').get(1)).toEqual({ value: 'decorated' });
  });
});
