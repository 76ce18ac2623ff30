import type { ConsumeRequest, RateLimitResult } from '../sliding-window/sliding-window.js';
import type { PolicyUsage } from './request-limits.js';

/**
 * Rate-limit response headers: `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers for every
 * policy (`q`: quota per window of `w` seconds, `r`: remaining, `t`: seconds until more is available), and the older
 * `X-RateLimit-…` for the policy with the least remaining.
 */
export function limitHeaders(
  { policies }: ConsumeRequest,
  { usages }: RateLimitResult,
  mostRestrictive: PolicyUsage,
): Record<string, string> {
  const { policy, used, remaining } = mostRestrictive;
  const rules = policies.map(({ name, limit, windowMs }) => `"${name}";q=${limit};w=${windowMs / 1_000}`);
  const states = policies.map(({ name, limit }, index) => {
    const usage = usages[index] ?? { used: 0, availableInMs: 0 };
    return `"${name}";r=${Math.max(0, limit - usage.used)};t=${Math.ceil(usage.availableInMs / 1_000)}`;
  });
  return {
    'RateLimit-Policy': rules.join(', '),
    RateLimit: states.join(', '),
    'X-RateLimit-Limit': String(policy.limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Used': String(used),
  };
}
