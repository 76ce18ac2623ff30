import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemFor, type AppError } from '../../common/index.js';
import type { ScriptCall } from '../../redis/index.js';
import { clientNetwork } from '../client-network.js';
import { RateLimitedError } from '../rate-limit.errors.js';
import type { Demand, Verdict } from '../sliding-window/sliding-window.js';
import { limitHeaders } from './limit-headers.http.js';
import { COUNTED_BY_ADDRESS, ROUTE_LIMIT } from './rate-limit.decorator.js';
import { tightestOf, type CallerKind, type Plans, type RequestLimits, type RouteLimit } from './request-limits.js';

/** For those who run the service, and for reading about it. */
const WITHOUT_LIMIT = /^\/(health|metrics|docs)(\/|$)/;

type RouteConfig = { readonly [ROUTE_LIMIT]?: RouteLimit; readonly [COUNTED_BY_ADDRESS]?: boolean } | undefined;

interface LimitedRequest extends FastifyRequest {
  charge?: Charge | undefined;
}

/** What a request costs, while it is open who pays. */
export class Charge {
  constructor(
    private readonly limits: RequestLimits,
    private readonly plans: Plans,
    private readonly request: LimitedRequest,
    private readonly reply: FastifyReply,
  ) {}

  /**
   * Has a user pay; nobody has paid before `end`.
   * @returns `call`, to be made together with what says that it is this user; `end` takes the reply to it
   */
  to(userId: string, kind: CallerKind): { readonly call: ScriptCall | undefined; end(reply: unknown): void } {
    const plan = this.plans[kind];
    const demand = plan && { ...plan, client: userId };
    return {
      call: demand && this.limits.window.callOf(demand),
      end: (reply) => {
        this.request.charge = undefined;
        if (demand !== undefined) this.settle(demand, this.limits.window.verdictOf(demand, reply));
      },
    };
  }

  /**
   * Has the network of the caller pay.
   * @throws RateLimitedError by the promise; there is none for callers without a limit
   */
  toAddress(): Promise<void> | undefined {
    const { request, plans, limits } = this;
    request.charge = undefined;
    if (plans.anonymous === undefined) return undefined;
    const demand = { ...plans.anonymous, client: `a:${clientNetwork(request.ip)}` };
    return limits.window.spend(demand).then((verdict) => this.settle(demand, verdict));
  }

  private settle(demand: Demand, verdict: Verdict): void {
    const tightest = tightestOf(demand, verdict);
    this.limits.note(tightest, verdict);
    this.reply.headers(limitHeaders(demand, verdict, tightest));
    if (verdict.waitMs > 0) throw new RateLimitedError(verdict.waitMs);
  }
}

/** The charge of a request whose payer is still to be found; undefined when there is none to be made. */
export function openChargeOf(request: FastifyRequest): Charge | undefined {
  return (request as LimitedRequest).charge;
}

/**
 * Counts every request, what is no route included, before its body is read; to be called before the first route.
 *
 * Who sends no access token pays by address, at once. Who sends one is known later, and pays when the token is checked.
 * What is refused before that (a bad token, a body that cannot be read) is paid by the address after all, and answered
 * 429 once that has nothing left: a token made up costs as much as none.
 */
export function limitRequests(server: FastifyInstance, limits: RequestLimits): void {
  server.decorateRequest('charge', undefined);
  server.addHook('onRoute', (route) => {
    if (WITHOUT_LIMIT.test(route.url)) return;
    const config = route.config as RouteConfig;
    const charge = chargeFor(limits, config?.[ROUTE_LIMIT], config?.[COUNTED_BY_ADDRESS] === true);
    route.preParsing = [
      (request, reply, _payload, done) => charge(request, reply, done),
      ...[route.preParsing ?? []].flat(),
    ];
  });
  const chargeUnrouted = chargeFor(limits, undefined, true);
  server.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.is404) chargeUnrouted(request, reply, done);
    else done();
  });
  server.addHook('onSend', (request: LimitedRequest, reply, payload, done) => {
    const { charge } = request;
    const paid = reply.statusCode < 400 || reply.statusCode >= 500 ? undefined : charge?.toAddress();
    if (paid === undefined) done(null, payload);
    else paid.then(() => done(null, payload), (error: AppError) => done(null, problemFor(reply, request, error)));
  });
}

function chargeFor(limits: RequestLimits, route: RouteLimit | undefined, byAddress: boolean) {
  const plans = limits.plansOf(route);
  return (request: LimitedRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const charge = new Charge(limits, plans, request, reply);
    const isLeftToGuard = !byAddress && request.headers.authorization !== undefined;
    if (isLeftToGuard) request.charge = charge;
    const paid = isLeftToGuard ? undefined : charge.toAddress();
    if (paid === undefined) done();
    else paid.then(() => done(), done);
  };
}
