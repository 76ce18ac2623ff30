import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemFor } from '../../common/index.js';
import { RateLimitTicket } from './rate-limit-ticket.js';
import { limitHeaders } from './limit-headers.http.js';
import { COUNTED_BY_ADDRESS, ROUTE_LIMIT } from './rate-limit.decorator.js';
import type { RequestLimits, RouteLimit } from './request-limits.js';

/** Routes without a rate limit: operations endpoints, documentation and the start page. */
const EXEMPT_PATHS = /^\/(?:$|(?:health|metrics|docs)(?:\/|$))/;

type RouteConfig = { readonly [ROUTE_LIMIT]?: RouteLimit; readonly [COUNTED_BY_ADDRESS]?: boolean } | undefined;

interface LimitedRequest extends FastifyRequest {
  rateLimitTicket?: RateLimitTicket;
}

/** Rate-limit ticket of a request that has not been consumed yet; undefined when there is none. */
export function pendingTicketOf(request: FastifyRequest): RateLimitTicket | undefined {
  const { rateLimitTicket: ticket } = request as LimitedRequest;
  return ticket?.isOpen === true ? ticket : undefined;
}

interface RateLimitPluginOptions {
  readonly limits: RequestLimits;
  /** Whether the request carries a validly signed access token. */
  readonly isSigned: (request: FastifyRequest) => boolean;
}

/**
 * Counts every request, unmatched routes included, before its body is read.
 *
 * A request without a validly signed access token is counted by address immediately, so that a forged token costs no
 * more than none. With a signed token the user is known later, and the request is counted when the token is checked. A
 * request rejected before that (4xx: an expired or revoked token, an unreadable body) is counted by address instead;
 * the response becomes 429 once the limit of the address is exhausted.
 */
export function rateLimit(server: FastifyInstance, { limits, isSigned }: RateLimitPluginOptions): void {
  server.decorateRequest('rateLimitTicket', undefined);
  server.addHook('onRoute', (route) => {
    if (EXEMPT_PATHS.test(route.url)) return;
    const config: RouteConfig = route.config;
    const countsByToken = config?.[COUNTED_BY_ADDRESS] === true ? never : isSigned;
    const limit = limiterFor(limits, config?.[ROUTE_LIMIT], countsByToken);
    route.preParsing = [
      (request, reply, _payload, done) => limit(request, reply, done),
      ...[route.preParsing ?? []].flat(),
    ];
  });
  const limitUnrouted = limiterFor(limits, undefined, never);
  server.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.is404) limitUnrouted(request, reply, done);
    else done();
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    const ticket = pendingTicketOf(request);
    if (ticket === undefined || reply.statusCode < 400 || reply.statusCode >= 500) done(null, payload);
    else {
      ticket.consumeByIp(request.ip, (refusal) => {
        done(null, refusal ? problemFor(reply, request, refusal) : payload);
      });
    }
  });
}

const never = () => false;

function limiterFor(
  limits: RequestLimits,
  route: RouteLimit | undefined,
  countsByToken: (request: FastifyRequest) => boolean,
) {
  const policies = limits.policiesOf(route);
  return (request: LimitedRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const ticket = new RateLimitTicket(limits, policies, (...usage) => void reply.headers(limitHeaders(...usage)));
    if (request.headers.authorization !== undefined && countsByToken(request)) {
      request.rateLimitTicket = ticket;
      done();
    } else ticket.consumeByIp(request.ip, done);
  };
}
