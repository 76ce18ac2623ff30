import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemFor } from '../../common/index.js';
import { RateLimitTicket } from './rate-limit-ticket.js';
import { limitHeaders } from './limit-headers.http.js';
import { COUNTED_BY_ADDRESS, ROUTE_LIMIT } from './rate-limit.decorator.js';
import type { RequestLimits, RouteLimit } from './request-limits.js';

/** For those who run the service, and for reading about it. */
const EXEMPT_PATHS = /^\/(health|metrics|docs)(\/|$)/;

type RouteConfig = { readonly [ROUTE_LIMIT]?: RouteLimit; readonly [COUNTED_BY_ADDRESS]?: boolean } | undefined;

interface LimitedRequest extends FastifyRequest {
  charge?: RateLimitTicket;
}

/** The charge of a request whose payer is still to be found; undefined when there is none to be made. */
export function pendingLimitOf(request: FastifyRequest): RateLimitTicket | undefined {
  const { charge } = request as LimitedRequest;
  return charge?.isOpen === true ? charge : undefined;
}

/**
 * Counts every request, what is no route included, before its body is read; to be called before the first route.
 *
 * Who sends no access token of ours pays by address, at once: a made-up token costs no more than none. Who sends one is
 * known later, and pays when the token is checked. What is refused before that (a token that no longer counts, a body
 * that cannot be read) is paid by the address after all, and answered 429 once that has nothing left.
 *
 * @param isSigned whether an `Authorization` header holds a token with our signature
 */
export function limitRequests(
  server: FastifyInstance,
  limits: RequestLimits,
  isSigned: (authorization: string) => boolean,
): void {
  server.decorateRequest('charge', undefined);
  server.addHook('onRoute', (route) => {
    if (EXEMPT_PATHS.test(route.url)) return;
    const config: RouteConfig = route.config;
    const paysByToken = config?.[COUNTED_BY_ADDRESS] === true ? never : isSigned;
    const charge = chargeFor(limits, config?.[ROUTE_LIMIT], paysByToken);
    route.preParsing = [
      (request, reply, _payload, done) => charge(request, reply, done),
      ...[route.preParsing ?? []].flat(),
    ];
  });
  const chargeUnrouted = chargeFor(limits, undefined, never);
  server.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.is404) chargeUnrouted(request, reply, done);
    else done();
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    const charge = pendingLimitOf(request);
    if (charge === undefined || reply.statusCode < 400 || reply.statusCode >= 500) done(null, payload);
    else {
      charge.consumeByIp(request.ip, (refusal) => {
        done(null, refusal ? problemFor(reply, request, refusal) : payload);
      });
    }
  });
}

const never = () => false;

function chargeFor(
  limits: RequestLimits,
  route: RouteLimit | undefined,
  paysByToken: (authorization: string) => boolean,
) {
  const plans = limits.plansOf(route);
  return (request: LimitedRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const charge = new RateLimitTicket(limits, plans, (...usage) => void reply.headers(limitHeaders(...usage)));
    const { authorization } = request.headers;
    if (authorization !== undefined && paysByToken(authorization)) {
      request.charge = charge;
      done();
    } else charge.consumeByIp(request.ip, done);
  };
}
