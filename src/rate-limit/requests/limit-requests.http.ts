import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemFor } from '../../common/index.js';
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
   * @returns `call`, to be made together with what says that it is this user; `end` takes the reply to it, and throws
   * RateLimitedError
   */
  to(userId: string, kind: CallerKind): { readonly call: ScriptCall | undefined; end(reply: unknown): void } {
    const plan = this.plans[kind];
    const demand = plan && { ...plan, client: userId };
    return {
      call: demand && this.limits.window.callOf(demand),
      end: (reply) => {
        this.request.charge = undefined;
        const refusal = demand && this.settle(demand, this.limits.window.verdictOf(demand, reply));
        if (refusal !== undefined) throw refusal;
      },
    };
  }

  /** Has the network of the caller pay. Calls back at once, without a promise, when nobody has a limit there. */
  toAddress(done: (refusal?: RateLimitedError) => void): void {
    const { request, plans: { anonymous }, limits } = this;
    request.charge = undefined;
    if (anonymous === undefined) {
      done();
      return;
    }
    const demand = { client: `a:${clientNetwork(request.ip)}`, policies: anonymous.policies, cost: anonymous.cost };
    void limits.window.spend(demand).then((verdict) => done(this.settle(demand, verdict)));
  }

  private settle(demand: Demand, verdict: Verdict): RateLimitedError | undefined {
    const tightest = tightestOf(demand, verdict);
    this.limits.note(tightest, verdict);
    this.reply.headers(limitHeaders(demand, verdict, tightest));
    return verdict.waitMs > 0 ? new RateLimitedError(verdict.waitMs) : undefined;
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
    const config: RouteConfig = route.config;
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
    if (charge === undefined || reply.statusCode < 400 || reply.statusCode >= 500) done(null, payload);
    else charge.toAddress((refusal) => done(null, refusal ? problemFor(reply, request, refusal) : payload));
  });
}

function chargeFor(limits: RequestLimits, route: RouteLimit | undefined, byAddress: boolean) {
  const plans = limits.plansOf(route);
  return (request: LimitedRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const charge = new Charge(limits, plans, request, reply);
    if (byAddress || request.headers.authorization === undefined) charge.toAddress(done);
    else {
      request.charge = charge;
      done();
    }
  };
}
