import { AddRouteConfig } from '../../common/index.js';
import { parseDurationMs } from '../../config/index.js';
import type { RouteLimit } from './request-limits.js';

/** Where the configuration of a route says what a request to it costs. */
export const ROUTE_LIMIT = 'rateLimit';

/** Where it says that an access token makes no difference. */
export const COUNTED_BY_ADDRESS = 'countedByAddress';

/** A limit of a route's own, or what a request to it costs, or both. */
export interface RateLimitOptions {
  /** Requests that one caller may make in a window, besides what the tier allows unless it is `apart`. */
  readonly limit?: number;
  /** The window, in whole seconds, such as `'1m'`. */
  readonly window?: string;
  /**
   * So much of every limit one request takes, that of the tier included; 1 unless given. With 0, which goes without a
   * limit, it is free for who is signed in, and 1 for everybody else.
   */
  readonly cost?: number;
  /** The limit holds in place of what the tier allows, not besides it: neither takes anything from the other. */
  readonly apart?: boolean;
}

/**
 * Limits a route, for each user and for each address that calls without a token; not for callers whose tier has no
 * limit (0). The limit goes by the name of the method.
 *
 * @throws RangeError from the decorator when the options are no limit
 * @example
 * `@RateLimit({ limit: 10, window: '1m' }) @Post()`
 * `@RateLimit({ cost: 5 }) @Get('clusters')`
 * `@RateLimit({ limit: 300, window: '1m', apart: true }) @Post('reissue')`
 */
export function RateLimit(options: RateLimitOptions): MethodDecorator {
  return (prototype, name, descriptor) => {
    AddRouteConfig({ [ROUTE_LIMIT]: toRouteLimit(String(name), options) })(prototype, name, descriptor);
  };
}

/** For routes that do not look at an access token: it would be a way around the limit of the address. */
export const LimitByIp = (): MethodDecorator => AddRouteConfig({ [COUNTED_BY_ADDRESS]: true });

function toRouteLimit(name: string, { limit, window, cost = 1, apart = false }: RateLimitOptions): RouteLimit {
  const refuse = (what: string) => new RangeError(`@RateLimit of ${name}: ${what}`);
  if (limit === undefined && apart) throw refuse('apart without a limit; give it one, or leave it to the tier');
  if (limit === undefined && window === undefined && cost === 0) return { cost };
  if (!Number.isSafeInteger(cost) || cost < 1) throw refuse(`cost is ${cost}; use a whole number from 1`);
  if (limit === undefined && window === undefined) return { cost };
  if (limit === undefined || !Number.isSafeInteger(limit) || limit < cost) {
    throw refuse(`limit is ${limit}; use a whole number from ${cost}, which is what one request costs`);
  }
  const windowMs = parseDurationMs(window ?? '');
  if (windowMs === null || windowMs < 1_000 || windowMs % 1_000 > 0) {
    throw refuse(`window is ${JSON.stringify(window)}; use whole seconds, such as '30s' or '1m'`);
  }
  return { cost, apart, policy: { name, suffix: `:${name}`, limit, windowMs } };
}
