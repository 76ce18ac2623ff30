import { until } from '../../support/until.js';
import { createCacheApp, type CacheApp } from './cache-app.js';
import { Notes } from './deferred-notes.js';
import type { RedisSuite } from './suite.js';

/** Two instances of one application, on the same Redis. */
export interface Pods {
  readonly apps: readonly [CacheApp, CacheApp];
  readonly a: Notes;
  readonly b: Notes;
  /** Waits until the given number of calls share loads, over both instances. */
  joined(callers: number): Promise<void>;
}

/** Two new instances for each test. */
export function usePods(suite: RedisSuite): Pods {
  let apps: [CacheApp, CacheApp];
  let joins: jest.SpyInstance[];

  beforeEach(async () => {
    const options = { redisUrl: suite.server.url, providers: [Notes] };
    apps = [await createCacheApp(options), await createCacheApp(options)];
    joins = apps.map((app) => jest.spyOn(app.caches.get('notes').region.singleFlight, 'join'));
  });
  afterEach(() => Promise.all(apps.map((app) => app.close())));

  return {
    get apps() {
      return apps;
    },
    get a() {
      return apps[0].get(Notes);
    },
    get b() {
      return apps[1].get(Notes);
    },
    joined: (callers) => until(() => joins.reduce((sum, { mock }) => sum + mock.calls.length, 0) >= callers),
  };
}
