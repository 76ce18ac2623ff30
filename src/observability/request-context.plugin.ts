import type { FastifyInstance } from 'fastify';
import { runWithRequestId } from './request-context.js';

/** Adds the request id to the response and to every log line of a request. */
export function requestContext(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    runWithRequestId(request.id, done);
  });
}
