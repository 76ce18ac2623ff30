import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthUser } from '../common/index.js';
import { currentCacheStatus, runWithCacheStatus } from './runtime/call-scope.js';

/**
 * Opens the scope of a request in which cached calls record their status, and sends the worst of them as `X-Cache`. A
 * response for which no cached method was called has no such header.
 */
export function cacheStatus(server: FastifyInstance): void {
  // After the body is read: reading it loses the async context of the call.
  server.addHook('preHandler', (request: FastifyRequest & { user?: AuthUser }, _reply, done) => {
    runWithCacheStatus(done, () => request.user?.userId);
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    const outcome = currentCacheStatus();
    if (outcome !== undefined) reply.header('x-cache', outcome);
    done(null, payload);
  });
}
