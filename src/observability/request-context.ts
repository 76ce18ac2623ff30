import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

const requestIds = new AsyncLocalStorage<string>();

const USABLE_ID = /^[\w.-]{1,64}$/;

/** The id of the request being worked on, if any. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

/** Runs work that is no request and has an id of its own: its log lines carry that. */
export function runWithRequestId<T>(id: string, work: () => T): T {
  return requestIds.run(id, work);
}

/** Takes the caller's `X-Request-Id` when it is harmless, else makes one. */
export function makeRequestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && USABLE_ID.test(given) ? given : randomUUID();
}

/** Tells every answer and every log line of a request its id. */
export function requestContext(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    requestIds.run(request.id, done);
  });
}
