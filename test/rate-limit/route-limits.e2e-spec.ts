import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { Public } from '../../src/common/index.js';
import { RateLimit } from '../../src/rate-limit/index.js';
import { signUp } from '../support/accounts.js';
import type { CallOptions } from '../support/api.js';
import { useApp } from '../support/app.js';
import { aUser, newPlace } from '../support/factories.js';
import { until } from '../support/until.js';

@Controller('probe')
class ProbeController {
  @Public()
  @RateLimit({ limit: 2, window: '4s' })
  @Get('short')
  short() {
    return {};
  }

  @Public()
  @RateLimit({ limit: 100, window: '1h', cost: 20 })
  @Get('expensive')
  expensive() {
    return {};
  }

  @Public()
  @RateLimit({ cost: 10 })
  @Get('costly')
  costly() {
    return {};
  }

  @Public()
  @RateLimit({ limit: 2, window: '1m', standalone: true })
  @Get('standalone')
  standalone() {
    return {};
  }
}

const t = useApp({
  env: { RATE_LIMIT_ANONYMOUS: '60', RATE_LIMIT_USER: '1000', TRUSTED_PROXIES: '127.0.0.1' },
  controllers: [ProbeController],
});

let addresses = 0;

const newCaller = (): CallOptions => ({ headers: { 'x-forwarded-for': `198.18.9.${(addresses += 1)}` } });

describe('@RateLimit', () => {
  it('limits a route in addition to the tier and reports both', async () => {
    const caller = newCaller();
    const { headers } = await t.api.get('/probe/short', caller);
    expect(headers.get('ratelimit-policy')).toBe('"anonymous";q=60;w=60, "short";q=2;w=4');
    expect(headers.get('ratelimit')).toMatch(/^"anonymous";r=59;t=\d+, "short";r=1;t=(4|5)$/);
    expect(headers.get('x-ratelimit-limit')).toBe('2');
    await t.api.get('/probe/short', caller);
    const refused = await t.api.get('/probe/short', caller);
    expect([refused.status, refused.body['code']]).toEqual([429, 'RATE_LIMITED']);
    // The rejected request does not count for the tier either.
    expect((await t.api.get('/categories', caller)).headers.get('x-ratelimit-used')).toBe('3');
  });

  it('admits a request after Retry-After', async () => {
    const caller = newCaller();
    for (let i = 0; i < 2; i++) expect((await t.api.get('/probe/short', caller)).status).toBe(200);
    const { status, headers } = await t.api.get('/probe/short', caller);
    const seconds = Number(headers.get('retry-after'));
    expect(status).toBe(429);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(5);
    await sleep(seconds * 1_000);
    expect((await t.api.get('/probe/short', caller)).status).toBe(200);
  });

  it('charges the cost of a request to the route and to the tier', async () => {
    const caller = newCaller();
    const { headers } = await t.api.get('/probe/expensive', caller);
    expect(headers.get('ratelimit')).toMatch(/^"anonymous";r=40;t=\d+, "expensive";r=80;t=36\d\d$/);
    await t.api.get('/probe/costly', caller);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await t.api.get('/probe/expensive', caller)).status);
    // 60 a minute: 20 + 10 + 20 are spent, and the next one costs 20.
    expect(statuses).toEqual([200, 429, 429]);
    expect((await t.api.get('/probe/costly', caller)).status).toBe(200);
  });

  it('counts each signed-in user separately, whatever the address', async () => {
    const caller = newCaller();
    const statusesOf = async (token?: string) => {
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await t.api.get('/probe/short', { ...caller, token })).status);
      return statuses;
    };
    const [one, other] = [await aUser(t), await aUser(t)];
    expect(await statusesOf(one.token)).toEqual([200, 200, 429]);
    expect(await statusesOf(other.token)).toEqual([200, 200, 429]);
    expect(await statusesOf()).toEqual([200, 200, 429]);
  });

  it('with `standalone` does not count for the tier', async () => {
    const caller = newCaller();
    const { headers } = await t.api.get('/probe/standalone', caller);
    expect(headers.get('ratelimit-policy')).toBe('"standalone";q=2;w=60');
    for (let i = 0; i < 6; i++) {
      expect((await t.api.get('/probe/costly', caller)).headers.get('x-ratelimit-used')).toBe(String(10 * (i + 1)));
    }
    expect((await t.api.get('/categories', caller)).status).toBe(429);
    const { token } = await aUser(t);
    for (const each of [caller, { ...caller, token }]) {
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await t.api.get('/probe/standalone', each)).status);
      expect(statuses).toEqual(each === caller ? [200, 429, 429] : [200, 200, 429]);
    }
  });

  it('allows 300 reissues per minute and address besides other requests', async () => {
    const { headers } = newCaller();
    const { refreshToken } = await signUp(t.api);
    const reissue = (refresh: string) => t.api.post('/auth/reissue', undefined, { headers: { ...headers, refresh } });
    await until(async () => (await t.api.get('/categories', { headers })).status === 429);
    const { status, headers: received } = await reissue(refreshToken);
    expect([status, received.get('ratelimit-policy')]).toEqual([200, '"reissue";q=300;w=60']);
    const others = await Promise.all(Array.from({ length: 300 }, () => reissue('none')));
    expect(others.filter(({ status: each }) => each === 401)).toHaveLength(299);
    expect(others.filter(({ status: each }) => each === 429)).toHaveLength(1);
  });

  it('allows a user ten new places per minute', async () => {
    const { token } = await aUser(t);
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push((await t.api.post('/places', newPlace(), { token })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(201), 429, 429]);
  });

  it.each([
    [{ limit: 0, window: '1m' }, 'limit is 0; use a whole number from 1'],
    [{ limit: 10, window: '1m', cost: 20 }, 'limit is 10; use a whole number from 20'],
    [{ limit: 10 }, 'window is undefined'],
    [{ window: '1m' }, 'limit is undefined'],
    [{ limit: 10, window: 'soon' }, 'window is "soon"; use whole seconds'],
    [{ limit: 10, window: '1500ms' }, 'window is "1500ms"; use whole seconds'],
    [{ limit: 10, window: '1m', cost: 0 }, 'cost is 0; use a whole number from 1'],
    [{ cost: 5, standalone: true }, 'standalone without a limit'],
    [{ cost: -1 }, 'cost is -1; use a whole number from 1'],
  ])('rejects an invalid limit: %j', (options, why) => {
    const decorate = () => {
      class Nothing {
        @RateLimit(options)
        route() {
          return {};
        }
      }
      return Nothing;
    };
    expect(decorate).toThrow(`@RateLimit of route: ${why}`);
  });
});

describe('ecogreen_rate_limit_requests_total', () => {
  const app = useApp({ env: { RATE_LIMIT_ANONYMOUS: '3' } });
  it('counts admitted and refused requests by policy', async () => {
    for (let i = 0; i < 5; i++) await app.api.get('/categories');
    const { text } = await app.api.get('//metrics');
    expect(text).toContain('ecogreen_rate_limit_requests_total{policy="anonymous",outcome="passed"} 3');
    expect(text).toContain('ecogreen_rate_limit_requests_total{policy="anonymous",outcome="refused"} 2');
    expect(text).toContain('ecogreen_rate_limit_requests_total{policy="anonymous",outcome="local"} 0');
  });
});
