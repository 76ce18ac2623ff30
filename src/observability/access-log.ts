import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** One line a request once it is answered; the query is left out, it may hold what people searched for. */
export function logAccess(server: FastifyInstance, pino: Logger): void {
  server.addHook('onResponse', (request, reply, done) => {
    pino.info(
      {
        context: 'Http',
        requestId: request.id,
        method: request.method,
        path: request.url.split('?', 1)[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        cache: reply.getHeader('x-cache'),
      },
      'answered',
    );
    done();
  });
}
