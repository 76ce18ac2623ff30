import type { AbstractHttpAdapter } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthUser } from '../common/index.js';
import { currentCacheStatus, runWithCacheStatus } from './runtime/call-scope.js';

/**
 * Opens the scope of a request in which cached calls tell their outcome, and says the worst of them in `X-Cache`. An
 * answer for which no cached method was called has no such header.
 */
export function cacheStatusHeader(adapter: AbstractHttpAdapter): void {
  const server = adapter.getInstance<FastifyInstance>();
  // Once the body is read: reading one loses what runs along with the call.
  server.addHook('preHandler', (request: FastifyRequest & { user?: AuthUser }, _reply, done) => {
    runWithCacheStatus(done, () => request.user?.id);
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    const outcome = currentCacheStatus();
    if (outcome !== undefined) reply.header('x-cache', outcome);
    done(null, payload);
  });
}
