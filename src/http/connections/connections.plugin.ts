import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../observability/index.js';

/** Closes connections gracefully when the server closes, and counts those refused by the per-address limit. */
export function connections(server: FastifyInstance, { metrics }: { readonly metrics: Metrics }): void {
  metrics.add({
    name: 'ecogreen_http_connections_refused_total',
    help: 'Connections refused by the per-address limit.',
    type: 'counter',
    read: () => [{ value: server.connections.refused }],
  });
  server.addHook('preClose', (done) => {
    server.connections.close();
    done();
  });
}
