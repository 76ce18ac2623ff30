import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tier } from '../../common/index.js';
import { Env } from '../../config/index.js';
import { Metrics, type Sample } from '../../observability/index.js';
import { SlidingWindow, type ConsumeRequest, type Policy, type RateLimitResult } from '../sliding-window/sliding-window.js';

/** Whose limit holds for a request. */
export type CallerKind = 'anonymous' | Tier;

/** What `@RateLimit` says of a route. */
export interface RouteLimit {
  /** How much of each limit one request takes; 0 is free for who is signed in. */
  readonly cost: number;
  /** A limit of the route's own, besides that of the caller. */
  readonly policy?: Policy;
  /** It holds in place of that of the caller. */
  readonly apart?: boolean;
}

/** What a request to a route is counted under; undefined for callers without a limit. */
export type RateLimitPolicies = Readonly<Record<CallerKind, Omit<ConsumeRequest, 'client'> | undefined>>;

type Outcome = 'passed' | 'refused' | 'local';

const MINUTE_MS = 60_000;

/** The limits of all requests: who has how many a minute, and what came of it. */
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
      help: 'Requests counted under a limit: passed, refused, or let pass by this process alone (local).',
      type: 'counter',
      read: () => this.samples(),
    });
  }

  plansOf(route: RouteLimit = { cost: 1 }): RateLimitPolicies {
    const { rateLimitAnonymous, rateLimitUser, rateLimitPremium, rateLimitAdmin } = this.env;
    const plan = (name: CallerKind, limit: number) => {
      if (limit === 0 || (route.cost === 0 && name !== 'anonymous')) return undefined;
      const ofCaller: Policy = { name, suffix: '', limit, windowMs: MINUTE_MS };
      const ofRoute = route.policy === undefined ? [] : [route.policy];
      return { policies: route.apart === true ? ofRoute : [ofCaller, ...ofRoute], cost: Math.max(1, route.cost) };
    };
    return {
      anonymous: plan('anonymous', rateLimitAnonymous),
      user: plan('user', rateLimitUser),
      premium: plan('premium', rateLimitPremium),
      admin: plan('admin', rateLimitAdmin),
    };
  }

  /** Notes what came of a request. */
  note({ policy }: Tightest, { waitMs, isLocal }: RateLimitResult): void {
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

/** How a client stands under the policy that leaves the least. */
export interface Tightest {
  readonly policy: Policy;
  readonly used: number;
  readonly remaining: number;
}

/** Of a request that was refused, the policy it was refused by. */
export function mostRestrictive({ policies }: Pick<ConsumeRequest, 'policies'>, { usages }: RateLimitResult): Tightest {
  let tightest: Tightest | undefined;
  policies.forEach((policy, index) => {
    const used = usages[index]?.used ?? 0;
    const remaining = Math.max(0, policy.limit - used);
    if (tightest === undefined || remaining < tightest.remaining) tightest = { policy, used, remaining };
  });
  if (tightest === undefined) throw new Error('a request is counted under one policy at least');
  return tightest;
}
