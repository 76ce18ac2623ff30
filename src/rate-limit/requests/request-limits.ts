import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tier } from '../../common/index.js';
import { Env } from '../../config/index.js';
import { Metrics, type Sample } from '../../observability/index.js';
import { SlidingWindow, type ConsumeRequest, type Policy, type RateLimitResult } from '../sliding-window/sliding-window.js';

/** Caller category whose limit applies to a request. */
export type CallerKind = 'anonymous' | Tier;

/** Rate limit of a route, as set by `@RateLimit`. */
export interface RouteLimit {
  /** Units one request consumes of each limit; 0: free for signed-in callers. */
  readonly cost: number;
  /** A limit of the route itself, in addition to the limit of the caller. */
  readonly policy?: Policy;
  /** Whether the route's limit replaces that of the caller. */
  readonly standalone?: boolean;
}

/** Policies and cost of a request to a route, per caller category; undefined for callers without a limit. */
export type RateLimitPolicies = Readonly<Record<CallerKind, Omit<ConsumeRequest, 'client'> | undefined>>;

type Outcome = 'passed' | 'refused' | 'local';

const MINUTE_MS = 60_000;

/** Rate limits of all requests: policies per caller category (per minute), and metrics of their outcomes. */
@Injectable()
export class RequestLimits implements OnModuleInit {
  private readonly outcomes = new Map<string, Record<Outcome, number>>();

  constructor(
    readonly window: SlidingWindow,
    private readonly env: Env,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.metrics.add({
      name: 'ecogreen_rate_limit_requests_total',
      help: 'Rate-limited requests: passed, refused, or passed while counting is local to this process (local).',
      type: 'counter',
      read: () => this.samples(),
    });
  }

  policiesOf(route: RouteLimit = { cost: 1 }): RateLimitPolicies {
    const { rateLimitAnonymous, rateLimitUser, rateLimitPremium, rateLimitAdmin } = this.env;
    const limitsOf = (name: CallerKind, limit: number) => {
      if (limit === 0 || (route.cost === 0 && name !== 'anonymous')) return undefined;
      const callerPolicy: Policy = { name, suffix: '', limit, windowMs: MINUTE_MS };
      const routePolicies = route.policy === undefined ? [] : [route.policy];
      const policies = route.standalone === true ? routePolicies : [callerPolicy, ...routePolicies];
      return { policies, cost: Math.max(1, route.cost) };
    };
    return {
      anonymous: limitsOf('anonymous', rateLimitAnonymous),
      user: limitsOf('user', rateLimitUser),
      premium: limitsOf('premium', rateLimitPremium),
      admin: limitsOf('admin', rateLimitAdmin),
    };
  }

  /** Records the outcome of a request for the metrics. */
  record({ policy }: PolicyUsage, { waitMs, isLocal }: RateLimitResult): void {
    const outcomes = this.outcomes.get(policy.name) ?? { passed: 0, refused: 0, local: 0 };
    outcomes[waitMs > 0 ? 'refused' : isLocal ? 'local' : 'passed'] += 1;
    this.outcomes.set(policy.name, outcomes);
  }

  private samples(): Sample[] {
    return [...this.outcomes].flatMap(([policy, outcomes]) =>
      Object.entries(outcomes).map(([outcome, value]) => ({ labels: { policy, outcome }, value })),
    );
  }
}

/** Usage under the most restrictive policy, the one with the least remaining. */
export interface PolicyUsage {
  readonly policy: Policy;
  readonly used: number;
  readonly remaining: number;
}

/** The policy with the least remaining; for a rejected request, the one that rejected it. */
export function mostRestrictive(
  { policies }: Pick<ConsumeRequest, 'policies'>,
  { usages }: RateLimitResult,
): PolicyUsage {
  let usage: PolicyUsage | undefined;
  policies.forEach((policy, index) => {
    const used = usages[index]?.used ?? 0;
    const remaining = Math.max(0, policy.limit - used);
    if (usage === undefined || remaining < usage.remaining) usage = { policy, used, remaining };
  });
  if (usage === undefined) throw new Error('no rate limit policy applies');
  return usage;
}
