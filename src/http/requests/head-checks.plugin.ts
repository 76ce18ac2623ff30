import type { IncomingMessage, Server } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  ExpectationFailedError, HeadersTooLargeError, InvalidHostError, MalformedRequestError, type AppError,
} from '../../common/index.js';
import { isReadableTarget } from './request-target.js';

/** Maximum number of headers; browsers send about 20, proxies add about 10. */
const MAX_HEADERS = 100;
const HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\[\]:,]*)(?::\d*)?$/i;

/**
 * Makes Node pass on what it would reject or truncate by itself: requests with an unknown `Expect`, and headers beyond
 * `maxHeadersCount`, which it drops silently, including those by which proxies and browsers state the origin of a
 * request. Node then reads all headers, at most 16 KiB in total, and `headChecks` checks their number.
 */
export function acceptAnyHead(server: Server): Server {
  server.maxHeadersCount = 0;
  return server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/**
 * Rejects requests with an invalid head before the body is read, with the same problem responses and rate limits as all
 * others. Must be registered after `rateLimit`.
 */
export function headChecks(server: FastifyInstance): void {
  const check = ({ raw }: FastifyRequest, done: (error?: Error) => void) => done(headErrorOf(raw));
  server.addHook('onRoute', (route) => {
    route.preParsing = [
      ...[route.preParsing ?? []].flat(),
      (request, _reply, _payload, done) => check(request, done),
    ];
  });
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.is404) check(request, done);
    else done();
  });
}

/** Error for a request with an invalid head; undefined if the head is valid. */
export function headErrorOf(request: IncomingMessage & { originalUrl?: string }): AppError | undefined {
  const { rawHeaders, headers, httpVersion } = request;
  if (rawHeaders.length > 2 * MAX_HEADERS) return new HeadersTooLargeError();
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return new InvalidHostError();
  if (!HOST.test(headers.host ?? '')) return new InvalidHostError();
  const { expect = '100-continue' } = headers;
  if (expect.toLowerCase() !== '100-continue') return new ExpectationFailedError();
  return isReadableTarget(request.originalUrl ?? request.url ?? '') ? undefined : new MalformedRequestError();
}
