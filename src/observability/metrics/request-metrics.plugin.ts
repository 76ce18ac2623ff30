import type { FastifyInstance, FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify';
import { DurationHistogram } from './duration-histogram.js';
import type { Metrics } from './metrics.js';

/** Label of all requests that match no route: the number of such paths is unbounded. */
const NO_ROUTE = '(none)';

/**
 * Measures number and duration of the requests of every route; to be called before the first route is registered. Each
 * route has its own hook with its histograms by status, so no label is built and no name looked up while a request is
 * handled.
 */
export function requestMetrics(server: FastifyInstance, { metrics }: { readonly metrics: Metrics }): void {
  const all: DurationHistogram[] = [];
  const durationsOf = (method: string, route: string, status: number) => {
    const durations = new DurationHistogram({ method, route, status: String(status) });
    all.push(durations);
    return durations;
  };
  server.addHook('onRoute', (options) => {
    const method = String(options.method);
    const measure = hookWith((status) => durationsOf(method, options.url, status));
    options.onResponse = [...[options.onResponse ?? []].flat(), measure];
  });
  server.addHook('onResponse', unroutedHook((method, status) => durationsOf(method, NO_ROUTE, status)));
  metrics.add({
    name: 'ecogreen_http_request_duration_seconds',
    help: 'Duration of requests, from their first byte to the last byte of the response.',
    type: 'histogram',
    read: () => all.flatMap((durations) => durations.samples()),
  });
}

function hookWith(create: (status: number) => DurationHistogram): onResponseHookHandler {
  const byStatus = new Map<number, DurationHistogram>();
  return (_request, reply, done) => {
    observe(byStatus, reply, create);
    done();
  };
}

function unroutedHook(create: (method: string, status: number) => DurationHistogram): onResponseHookHandler {
  const byMethod = new Map<string, Map<number, DurationHistogram>>();
  return (request: FastifyRequest, reply, done) => {
    if (request.is404) {
      const byStatus = byMethod.get(request.method) ?? new Map<number, DurationHistogram>();
      byMethod.set(request.method, byStatus);
      observe(byStatus, reply, (status) => create(request.method, status));
    }
    done();
  };
}

function observe(
  byStatus: Map<number, DurationHistogram>,
  reply: FastifyReply,
  create: (status: number) => DurationHistogram,
): void {
  let durations = byStatus.get(reply.statusCode);
  if (durations === undefined) byStatus.set(reply.statusCode, (durations = create(reply.statusCode)));
  durations.observe(reply.elapsedTime);
}
