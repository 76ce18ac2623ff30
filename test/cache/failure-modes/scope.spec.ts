import { Controller, Get, Headers, Inject, Injectable, Req, Scope, UseGuards } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Cacheable, CacheEvict } from '../../../src/cache/index.js';
import { CurrentUser, type AuthUser } from '../../../src/common/index.js';
import { buildDocument } from '../../../src/http/index.js';
import { useApp } from '../../support/app.js';
import { aPlace, aReview, aUser, type TestUser } from '../../support/factories.js';
import { createCacheApp } from '../support/cache-app.js';
import { HeaderGuard, useHttpApp } from '../support/http-app.js';
import { until } from '../../support/until.js';
import { useRedis } from '../support/suite.js';

@Injectable()
class Service {
  runs = 0;

  @Cacheable({ cache: 'mine', scope: 'user', key: () => 'profile' })
  async mine(user: Pick<AuthUser, 'userId'> | undefined): Promise<{ of: string; runs: number }> {
    await new Promise((resolve) => setTimeout(resolve, 10));
    this.runs += 1;
    return { of: user?.userId ?? 'nobody', runs: this.runs };
  }

  @CacheEvict({ cache: 'mine', scope: 'user', key: () => 'profile' })
  changeMine(): Promise<void> {
    return Promise.resolve();
  }
}

@Controller()
@UseGuards(HeaderGuard)
class Routes {
  constructor(private readonly service: Service) {}

  @Get('mine')
  mine(@CurrentUser() user: AuthUser | undefined): Promise<unknown> {
    return this.service.mine(user);
  }

  @Get('mine/change')
  change(): Promise<void> {
    return this.service.changeMine();
  }
}

describe('prevents failure mode 19: one user gets the data of another', () => {
  const redis = useRedis();
  const http = useHttpApp(redis, { controllers: [Routes], providers: [Service] });
  const { get } = http;

  describe("of values with scope 'user'", () => {
    it('separates entries by user, whatever the id', async () => {
      const ids = ['alice', 'bob', 'alice', 'bob', '@', '@alice'];
      const together = await Promise.all(ids.map((user) => get('/mine', user)));
      expect(together.map(([, body]) => (JSON.parse(body) as { of: string }).of)).toEqual(ids);
      for (const id of ids) expect(await get('/mine', id)).toEqual(['HIT', expect.stringContaining(`"${id}"`)]);
    });

    it('neither stores nor serves entries for anonymous callers', async () => {
      const [first, second] = [await get('/mine'), await get('/mine')];
      expect([first[0], second[0]]).toEqual(['BYPASS', 'BYPASS']);
      expect(second[1]).not.toBe(first[1]);
    });

    it('evicts only the entry of the calling user', async () => {
      const [alice, bob] = [await get('/mine', 'alice'), await get('/mine', 'bob')];
      await get('/mine/change', 'alice');
      expect((await get('/mine', 'alice'))[1]).not.toBe(alice[1]);
      expect(await get('/mine', 'bob')).toEqual(['HIT', bob[1]]);
    });

    it('rejects an eviction by an anonymous caller before the method runs', async () => {
      const refusal = "scope 'user' without a signed-in user";
      await expect(http.app.get(Service).changeMine()).rejects.toThrow(refusal);
    });
  });

  describe('with a method that can read its caller but declares no scope', () => {
    class Me {
      constructor(@Inject(REQUEST) readonly request: unknown) {}

      @Cacheable({ cache: 'me', key: () => 'me' })
      profile(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    Injectable({ scope: Scope.REQUEST })(Me);

    @Controller()
    class OpenRoutes {
      @Get('user')
      @Cacheable({ cache: 'me', key: () => 'me' })
      ofUser(@CurrentUser() _user: AuthUser): Promise<number> {
        return Promise.resolve(1);
      }

      @Get('request')
      @Cacheable({ cache: 'me', key: () => 'me' })
      ofRequest(@Req() _request: unknown): Promise<number> {
        return Promise.resolve(1);
      }

      @Get('tenant')
      @Cacheable({ cache: 'me', key: () => 'me' })
      ofTenant(@Headers('x-tenant') _tenant: string): Promise<number> {
        return Promise.resolve(1);
      }

      @Get('declared')
      @Cacheable({ cache: 'me', key: () => 'declared', scope: 'user' })
      declared(@CurrentUser() _user: AuthUser): Promise<number> {
        return Promise.resolve(1);
      }
    }

    it('does not start', async () => {
      const options = { redisUrl: redis.server.url, controllers: [OpenRoutes], providers: [Me] };
      const refusal = await createCacheApp(options).then(() => 'it starts', String);
      const hint = "; set scope: 'user', or scope: 'public' if the result is the same for all callers";
      for (const route of ['ofUser', 'ofRequest', 'ofTenant']) {
        expect(refusal).toMatch(`OpenRoutes.${route} has a parameter with the caller${hint}`);
      }
      expect(refusal).toMatch(`Me.profile belongs to a request-scoped provider${hint}`);
      expect(refusal).not.toMatch('declared');
    });
  });

  describe('in the service itself', () => {
    const t = useApp();
    let cache: Redis;
    beforeAll(() => {
      cache = new Redis(t.env.redisCacheUrl);
    });
    afterAll(() => {
      cache.disconnect();
    });

    it('serves the same from a cache that another user filled on every read route', async () => {
      const [alice, bob] = [await aUser(t), await aUser(t)];
      const place = await aPlace(t, { owner: alice });
      const review = await aReview(t, { author: alice, place });
      for (const path of [`/places/${place.id}/like`, `/places/${place.id}/bookmark`, `/reviews/${review.id}/like`]) {
        expect((await t.api.put(path, { token: alice.token })).status).toBe(204);
      }
      // Viewed places are recorded asynchronously.
      for (const { token } of [alice, bob]) {
        await t.api.get(`/places/${place.id}`, { token });
        await until(async () => (await t.api.get('/users/me/recent-places', { token })).text.includes(place.name));
      }
      const paths = Object.entries(buildDocument(t.app).paths).flatMap(([path, item]) =>
        item.get && !path.includes('/admin/') && !isStream(item.get.responses) ? [path] : [],
      );
      const concrete = (path: string) =>
        `//${path.slice(1).replace('{id}', String(path.includes('/reviews/{id}') ? review.id : place.id))}`;
      const readAll = async ({ token }: Pick<TestUser, 'token'>) =>
        Promise.all(
          paths.map(async (path) => {
            const { status, text } = await t.api.get(concrete(path), { token });
            return { path, status, body: text };
          }),
        );
      await cache.flushdb();
      const alone = await readAll(bob);
      await cache.flushdb();
      const warm = await readAll(alice);
      expect(warm.filter(({ status }) => status !== 200)).toEqual([]);
      expect(warm.length).toBeGreaterThanOrEqual(13);
      expect(await readAll(bob)).toEqual(alone);
      expect(await readAll(alice)).toEqual(warm);
    });
  });
});

/** Streams never end, so their responses cannot be compared. */
function isStream(responses: object): boolean {
  return JSON.stringify(responses).includes('text/event-stream');
}
