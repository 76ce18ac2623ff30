import type { Demand, Verdict } from '../sliding-window/sliding-window.js';
import type { Tightest } from './request-limits.js';

/**
 * Tells a client where it stands: `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers (`q` a
 * window of `w` seconds, `r` left, some more in `t` seconds), every policy in turn; the older `X-RateLimit-…` of the one
 * that leaves the least.
 */
export function limitHeaders({ policies }: Demand, { usages }: Verdict, tightest: Tightest): Record<string, string> {
  const { policy, used, remaining } = tightest;
  return {
    'RateLimit-Policy': policies.map(({ name, limit, windowMs }) => `"${name}";q=${limit};w=${windowMs / 1_000}`).join(', '),
    RateLimit: policies.map(({ name, limit }, index) => {
      const { used: usedOfThis = 0, freesInMs = 0 } = usages[index] ?? {};
      return `"${name}";r=${Math.max(0, limit - usedOfThis)};t=${Math.ceil(freesInMs / 1_000)}`;
    }).join(', '),
    'X-RateLimit-Limit': String(policy.limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Used': String(used),
  };
}
