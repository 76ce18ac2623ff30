import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** Logs one line per request after its response; without the query string, which may contain search terms. */
export function accessLog(server: FastifyInstance, { pino }: { readonly pino: Logger }): void {
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
      'request completed',
    );
    done();
  });
}
