import { AddRouteConfig } from '../../common/index.js';
import { parseDurationMs } from '../../config/index.js';
import type { RouteLimit } from './request-limits.js';

/** Key of the `RouteLimit` in the configuration of a route. */
export const ROUTE_LIMIT = 'rateLimit';

/** Key of the flag to count by address even if an access token is sent. */
export const COUNTED_BY_ADDRESS = 'countedByAddress';

/** Limit of a route, cost of a request to it, or both. */
export interface RateLimitOptions {
  /** Requests per caller and window, in addition to the limit of the tier unless `standalone`. */
  readonly limit?: number;
  /** Length of the window, in whole seconds, such as `'1m'`. */
  readonly window?: string;
  /**
   * Units one request consumes of every limit, including that of the tier (default: 1). 0, only allowed without
   * `limit`, is free for signed-in callers and 1 for all others.
   */
  readonly cost?: number;
  /** Whether the limit replaces that of the tier instead of adding to it: neither consumes from the other. */
  readonly standalone?: boolean;
}

/**
 * Rate limit of a route, per user, and per address for requests without a token; callers whose tier has no limit (0)
 * are exempt. The limit is named after the method.
 *
 * @throws RangeError from the decorator when the options are invalid
 * @example
 * `@RateLimit({ limit: 10, window: '1m' }) @Post()`
 * `@RateLimit({ cost: 5 }) @Get('clusters')`
 * `@RateLimit({ limit: 300, window: '1m', standalone: true }) @Post('reissue')`
 */
export function RateLimit(options: RateLimitOptions): MethodDecorator {
  return (prototype, name, descriptor) => {
    AddRouteConfig({ [ROUTE_LIMIT]: toRouteLimit(String(name), options) })(prototype, name, descriptor);
  };
}

/** For routes that ignore access tokens: counts by address, whose limit a token would otherwise bypass. */
export const LimitByIp = (): MethodDecorator => AddRouteConfig({ [COUNTED_BY_ADDRESS]: true });

function toRouteLimit(name: string, { limit, window, cost = 1, standalone = false }: RateLimitOptions): RouteLimit {
  const invalid = (what: string) => new RangeError(`@RateLimit of ${name}: ${what}`);
  if (limit === undefined && standalone) throw invalid('standalone without a limit; add a limit, or omit standalone');
  if (limit === undefined && window === undefined && cost === 0) return { cost };
  if (!Number.isSafeInteger(cost) || cost < 1) throw invalid(`cost is ${cost}; use a whole number from 1`);
  if (limit === undefined && window === undefined) return { cost };
  if (limit === undefined || !Number.isSafeInteger(limit) || limit < cost) {
    throw invalid(`limit is ${limit}; use a whole number from ${cost}, the cost of one request`);
  }
  const windowMs = parseDurationMs(window ?? '');
  if (windowMs === null || windowMs < 1_000 || windowMs % 1_000 > 0) {
    throw invalid(`window is ${JSON.stringify(window)}; use whole seconds, such as '30s' or '1m'`);
  }
  return { cost, standalone, policy: { name, suffix: `:${name}`, limit, windowMs } };
}
