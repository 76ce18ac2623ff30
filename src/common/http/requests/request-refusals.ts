import type { IncomingMessage, Server } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  ExpectationFailedError, HeadersTooLargeError, InvalidHostError, MalformedRequestError, type AppError,
} from '../../errors/index.js';
import { isReadableTarget } from './request-target.js';

/** Browsers send about 20 headers, proxies add about 10. */
const MAX_HEADERS = 100;
const HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\[\]:,]*)(?::\d*)?$/i;

/**
 * Has Node hand over what it would refuse by itself, or cut: a request with an unknown `Expect`, and headers beyond
 * `maxHeadersCount`, which it drops without a word, among them those by which proxies and browsers say where a request
 * comes from. So it reads all headers, 16 KiB together at most, and `refuseRequests` sees how many there are.
 */
export function acceptAnyHead(server: Server): Server {
  server.maxHeadersCount = 0;
  return server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/**
 * Refuses requests whose head is not to be relied on, before the body is read, by the same problems as everything else
 * and counted as everything else; to be called after `limitRequests`, before the first route.
 */
export function refuseRequests(server: FastifyInstance): void {
  const refuse = ({ raw }: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => done(refusalOf(raw));
  server.addHook('onRoute', (route) => {
    route.preParsing = [
      ...[route.preParsing ?? []].flat(),
      (request, reply, _payload, done) => refuse(request, reply, done),
    ];
  });
  server.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.is404) refuse(request, reply, done);
    else done();
  });
}

/** Why the head of a request is refused, if it is. */
export function refusalOf(request: IncomingMessage & { originalUrl?: string }): AppError | undefined {
  const { rawHeaders, headers, httpVersion } = request;
  if (rawHeaders.length > 2 * MAX_HEADERS) return new HeadersTooLargeError();
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return new InvalidHostError();
  if (!HOST.test(headers.host ?? '')) return new InvalidHostError();
  const { expect = '100-continue' } = headers;
  if (expect.toLowerCase() !== '100-continue') return new ExpectationFailedError();
  return isReadableTarget(request.originalUrl ?? request.url ?? '') ? undefined : new MalformedRequestError();
}
